-- Move the rows of all tables from the catalog to Parquet files; every snapshot reads the same before and after.
CALL ducklake_flush_inlined_data('lake')
