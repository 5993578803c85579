-- URIs of the files that a batch took, from all sources.
SELECT image_uri
FROM source_images
WHERE batch = $batch
