-- The snapshot that this transaction reads.
SELECT id AS snapshot FROM lake.current_snapshot()
