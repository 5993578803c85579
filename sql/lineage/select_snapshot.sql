-- The lake's latest snapshot.
SELECT max(snapshot_id) AS snapshot_id FROM __ducklake_metadata_lake.ducklake_snapshot
