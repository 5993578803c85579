-- The sources' own questions about the images of a release: those of every file with an image's bytes, in any batch.
SELECT DISTINCT image_id, q ->> '$.question' AS question
FROM (
  SELECT s.image_id, unnest((s.context -> '$.qa')::JSON[]) AS q
  FROM source_images s
  SEMI JOIN release_rows r ON r.image_id = s.image_id AND r.release_id = $release_id
)
ORDER BY image_id, question
