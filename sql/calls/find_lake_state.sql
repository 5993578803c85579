-- The snapshot that this transaction reads, the latest that it sees in the catalog's own tables, and the number of calls.
SELECT s.id AS snapshot, (SELECT max(snapshot_id) FROM __ducklake_metadata_lake.ducklake_snapshot) AS latest,
       (SELECT count(*) FROM calls) AS calls
FROM lake.current_snapshot() s
