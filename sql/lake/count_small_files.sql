-- How many Parquet files of less than 8 MB a table has.
SELECT count(*) AS files
FROM __ducklake_metadata_lake.ducklake_data_file f
JOIN __ducklake_metadata_lake.ducklake_table t ON t.table_id = f.table_id
WHERE t.table_name = $table AND t.end_snapshot IS NULL AND f.end_snapshot IS NULL AND f.file_size_bytes < 8000000
