-- Merge a table's Parquet files of less than 8 MB; snapshots read the same before and after.
CALL ducklake_merge_adjacent_files('lake', $table, max_file_size => 8000000)
