-- Where rows of a table may lie in the catalog: tables of it, one for each schema that a table has had.
SELECT t.table_name, i.table_name AS inlined
FROM __ducklake_metadata_lake.ducklake_inlined_data_tables i
JOIN __ducklake_metadata_lake.ducklake_table t ON t.table_id = i.table_id
WHERE t.end_snapshot IS NULL
ORDER BY t.table_name, i.schema_version
