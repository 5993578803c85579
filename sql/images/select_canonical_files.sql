-- URIs of the canonical files of the images that a batch brought to the pool.
SELECT image_uri
FROM images
WHERE batch = $batch
