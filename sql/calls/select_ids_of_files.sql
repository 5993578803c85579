-- The MD5 of every id in Parquet files of calls, in two halves, with its file's position and its own place in it.
SELECT md5_number_upper(call_id) AS high, md5_number_lower(call_id) AS low, file_index AS file, file_row_number AS row
FROM read_parquet($files, hive_partitioning = false, file_row_number = true)
