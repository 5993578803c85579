-- The own questions of a batch's pool: those of every file with an image's bytes, in any batch.
SELECT DISTINCT i.image_id, q ->> '$.question' AS question
FROM images i
JOIN source_images s ON s.image_id = i.image_id
CROSS JOIN unnest((s.context -> '$.qa')::JSON[]) AS t(q)
WHERE i.batch = $batch
ORDER BY image_id, question
