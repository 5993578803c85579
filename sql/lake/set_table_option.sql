-- Set an option of DuckLake for one table.
CALL ducklake_set_option('lake', $option, $rows, table_name => $table)
