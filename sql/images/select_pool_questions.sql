-- The own questions of a batch's pool: those of every file with an image's bytes, in any batch.
SELECT DISTINCT image_id, q ->> '$.question' AS question
FROM (
  SELECT i.image_id, unnest((s.context -> '$.qa')::JSON[]) AS q
  FROM images i
  JOIN source_images s ON s.image_id = i.image_id
  WHERE i.batch = $batch
)
ORDER BY image_id, question
