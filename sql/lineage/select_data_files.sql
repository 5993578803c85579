-- Data files of all tables at the latest snapshot with their delete files. A path without a root is below the lake's data.
SELECT
  t.table_name, t.table_id, f.data_file_id, f.record_count,
  CASE WHEN CAST(f.path_is_relative AS BOOLEAN) AND CAST(t.path_is_relative AS BOOLEAN) THEN s.path ELSE '' END
    || CASE WHEN CAST(f.path_is_relative AS BOOLEAN) THEN t.path ELSE '' END || f.path AS path,
  CAST(f.path_is_relative AS BOOLEAN)
    AND CAST(t.path_is_relative AS BOOLEAN) AND CAST(s.path_is_relative AS BOOLEAN) AS below_data,
  CASE WHEN CAST(d.path_is_relative AS BOOLEAN) THEN s.path || t.path ELSE '' END || d.path AS deletes,
  f.encryption_key IS NULL AND f.mapping_id IS NULL AND f.file_format = 'parquet'
    AND coalesce(d.format, 'parquet') = 'parquet' AS plain
FROM __ducklake_metadata_lake.ducklake_data_file f
JOIN __ducklake_metadata_lake.ducklake_table t ON t.table_id = f.table_id
JOIN __ducklake_metadata_lake.ducklake_schema s ON s.schema_id = t.schema_id
LEFT JOIN __ducklake_metadata_lake.ducklake_delete_file d ON d.data_file_id = f.data_file_id AND d.end_snapshot IS NULL
WHERE f.end_snapshot IS NULL AND t.end_snapshot IS NULL AND s.end_snapshot IS NULL
ORDER BY f.data_file_id
