-- Hashes of the images that a batch brought to the pool.
SELECT image_id, phash, phash256
FROM images
WHERE batch = $batch
ORDER BY image_id
