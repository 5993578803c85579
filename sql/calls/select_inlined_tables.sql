-- The catalog's tables that hold calls not yet in a file: one for each version of the schema.
SELECT '__ducklake_metadata_lake.' || i.table_name AS inlined
FROM __ducklake_metadata_lake.ducklake_inlined_data_tables i
JOIN __ducklake_metadata_lake.ducklake_table t ON t.table_id = i.table_id
WHERE t.table_name = 'calls' AND t.end_snapshot IS NULL
ORDER BY i.table_name
