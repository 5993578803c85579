-- Those of some samples that a release holds.
SELECT sample_id
FROM release_rows
WHERE release_id = $release_id AND sample_id IN (SELECT unnest($ids::VARCHAR[]))
