-- The perceptual hash of every picture in the pool, for the map.
SELECT image_id, source, phash256
FROM images
ORDER BY image_id
