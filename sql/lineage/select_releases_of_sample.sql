-- Releases that hold a sample.
SELECT r.release_id, r.split, r.position, rel.rows
FROM release_rows r JOIN releases rel ON rel.release_id = r.release_id
WHERE r.sample_id = $sample_id
ORDER BY rel.snapshot_id
