-- What a table has set for an option of DuckLake, where it has something of its own.
SELECT m.value
FROM __ducklake_metadata_lake.ducklake_metadata m
JOIN __ducklake_metadata_lake.ducklake_table t ON t.table_id = m.scope_id
WHERE m.key = $option AND m.scope = 'table' AND t.table_name = $table AND t.end_snapshot IS NULL
