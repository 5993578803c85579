-- A release and where its rows come from.
SELECT r.release_id, r.batches, r.rows, r.train_rows, r.heldout_rows, r.snapshot_id, r.path, r.run_id,
       s.source, count(*) AS samples
FROM releases r
JOIN release_rows rr ON rr.release_id = r.release_id
JOIN samples s ON s.sample_id = rr.sample_id
WHERE r.release_id = $release_id
GROUP BY ALL
ORDER BY samples DESC, s.source
