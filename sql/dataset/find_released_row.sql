-- Where a release holds a row.
SELECT sample_id, image_id, split, position, batch, problem
FROM release_rows
WHERE release_id = $release_id AND starts_with(sample_id, $subject)
ORDER BY sample_id
LIMIT 2
