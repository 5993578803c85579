-- How many rows of a table still lie in the catalog instead of in Parquet files; rows deleted since count as there.
SELECT CAST(coalesce(sum(s.record_count - coalesce(f.in_files, 0)), 0) AS BIGINT) AS inlined
FROM __ducklake_metadata_lake.ducklake_table t
JOIN __ducklake_metadata_lake.ducklake_table_stats s ON s.table_id = t.table_id
LEFT JOIN (
  SELECT table_id, sum(record_count) AS in_files
  FROM __ducklake_metadata_lake.ducklake_data_file
  WHERE end_snapshot IS NULL
  GROUP BY table_id
) f ON f.table_id = t.table_id
WHERE t.table_name = $table AND t.end_snapshot IS NULL
