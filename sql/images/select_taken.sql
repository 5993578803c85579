-- All files that a batch took, from all sources.
SELECT source, batch, image_uri, image_id, position, licence, context
FROM source_images
WHERE batch = $batch
