-- Rows that must not be in a release, with the defect: an image in both splits, a sample that is gone,
-- an image other than the sample's, a benchmark image.
WITH held AS (
  SELECT * FROM release_rows WHERE release_id = $release_id
)
SELECT sample_id, 'image_in_both_splits' AS defect
FROM held
WHERE image_id IN (SELECT image_id FROM held GROUP BY image_id HAVING count(DISTINCT split) > 1)
UNION ALL
SELECT h.sample_id, 'sample_missing'
FROM held h
WHERE NOT EXISTS (SELECT 1 FROM samples s WHERE s.sample_id = h.sample_id)
UNION ALL
SELECT h.sample_id, 'other_image'
FROM held h
JOIN samples s ON s.sample_id = h.sample_id
WHERE s.image_id <> h.image_id
UNION ALL
SELECT h.sample_id, 'benchmark_image'
FROM held h
WHERE EXISTS (SELECT 1 FROM benchmark_images b WHERE b.image_id = h.image_id)
ORDER BY ALL
