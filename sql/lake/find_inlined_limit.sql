-- Up to how many rows an insert into a table lies in the catalog, where the table has a limit of its own.
SELECT m.value
FROM __ducklake_metadata_lake.ducklake_metadata m
JOIN __ducklake_metadata_lake.ducklake_table t ON t.table_id = m.scope_id
WHERE m.key = 'data_inlining_row_limit' AND m.scope = 'table' AND t.table_name = $table AND t.end_snapshot IS NULL
