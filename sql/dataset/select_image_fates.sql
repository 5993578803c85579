-- What became of images as such: their files, and the verdicts of the stages before any question.
WITH files AS (
  SELECT image_id, image_uri, source, batch FROM source_images WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
), subjects AS (
  SELECT image_id, image_uri AS subject_id FROM files
  UNION
  SELECT image_id, image_id FROM files
  UNION
  SELECT image_id, description_id FROM descriptions WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
  UNION
  SELECT image_id, refined_id FROM refined_descriptions WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
)
SELECT
  f.image_id, f.image_uri, f.source, f.batch, i.image_id IS NOT NULL AS pooled, v.asset, v.verdict, v.reason, v.detail,
  v.related_id
FROM files f
LEFT JOIN images i ON i.image_id = f.image_id
LEFT JOIN (
  SELECT s.image_id, v.* FROM verdicts v JOIN subjects s ON s.subject_id = v.subject_id WHERE v.batch <> ''
) v ON v.image_id = f.image_id AND v.batch = f.batch
ORDER BY f.image_uri, v.asset
