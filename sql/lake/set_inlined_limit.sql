-- Up to how many rows an insert into a table lies in the catalog; more go to a Parquet file of their own.
CALL ducklake_set_option('lake', 'data_inlining_row_limit', $rows, table_name => $table)
