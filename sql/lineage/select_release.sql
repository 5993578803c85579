-- A release and where its rows come from.
WITH held AS (
  SELECT r.release_id, s.source, count(*) AS samples
  FROM release_rows r
  JOIN samples s ON s.sample_id = r.sample_id
  WHERE r.release_id = $release_id
  GROUP BY r.release_id, s.source
)
SELECT r.release_id, r.batches, r.rows, r.train_rows, r.heldout_rows, r.snapshot_id, r.path, r.run_id,
       h.source, h.samples
FROM releases r
JOIN held h ON h.release_id = r.release_id
WHERE r.release_id = $release_id
ORDER BY h.samples DESC, h.source
