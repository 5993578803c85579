-- What a batch took from a source, as it was stored.
SELECT source, batch, image_uri, image_id, file_bytes, position, licence, split, context
FROM source_images
WHERE source = $source AND batch = $batch
ORDER BY position, image_uri
