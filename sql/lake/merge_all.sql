-- Merge the Parquet files of all tables; every snapshot reads the same before and after.
CALL ducklake_merge_adjacent_files('lake')
