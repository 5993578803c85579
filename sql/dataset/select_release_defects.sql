-- Rows that must not be in a release, with the defect: an image in both splits, no text of its own while its sample is
-- gone, an image other than the sample's.
WITH held AS (
  SELECT * FROM release_rows WHERE release_id = $release_id
)
SELECT sample_id, 'image_in_both_splits' AS defect
FROM held
WHERE image_id IN (SELECT image_id FROM held GROUP BY image_id HAVING min(split) <> max(split))
UNION ALL
SELECT h.sample_id, CASE WHEN s.sample_id IS NULL THEN 'sample_missing' ELSE 'other_image' END
FROM held h
LEFT JOIN samples s ON s.sample_id = h.sample_id
WHERE (s.sample_id IS NULL AND h.problem IS NULL) OR s.image_id <> h.image_id
ORDER BY ALL
