-- Fine-grained descriptions of a batch.
SELECT refined_id, image_id, text
FROM refined_descriptions
WHERE batch = $batch
ORDER BY image_id
