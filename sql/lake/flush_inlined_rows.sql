-- Move a table's rows from the catalog to a Parquet file.
CALL ducklake_flush_inlined_data('lake', table_name => $table)
