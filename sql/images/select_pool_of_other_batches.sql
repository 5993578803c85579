-- Hashes of the pool's images that this batch did not bring.
SELECT image_id, phash, phash256
FROM images
WHERE batch <> $batch
ORDER BY image_id
