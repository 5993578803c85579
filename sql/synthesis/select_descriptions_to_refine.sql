-- Coarse descriptions of a batch.
SELECT description_id, image_id, text
FROM descriptions
WHERE batch = $batch
ORDER BY image_id
