-- The Parquet files that hold calls, oldest first: their names hold the time.
SELECT data_file AS path, data_file_size_bytes AS size
FROM ducklake_list_files('lake', 'calls')
ORDER BY path
