-- Refined descriptions with less than half the length of the coarse one.
SELECT r.refined_id, r.image_id, length(d.text) AS coarse_chars, length(r.text) AS refined_chars
FROM refined_descriptions r
JOIN descriptions d ON d.description_id = r.description_id AND d.batch = $batch
WHERE r.batch = $batch AND length(r.text) * 2 < length(d.text)
LIMIT 20
