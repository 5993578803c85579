-- Hashes of all images of the evaluation sets.
SELECT image_id, benchmark, item, phash, phash256
FROM benchmark_images
ORDER BY image_id
