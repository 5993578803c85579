-- Which release holds which sample on which side, the latest release first.
SELECT r.release_id, r.sample_id, r.split
FROM release_rows r
JOIN releases o ON o.release_id = r.release_id
ORDER BY o.snapshot_id DESC, r.release_id
