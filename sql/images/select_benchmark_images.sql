-- Hashes of all images of the evaluation sets as last known, each once, with the first item that shows it.
SELECT DISTINCT ON (image_id) image_id, benchmark, item, phash, phash256
FROM contamination_images
ORDER BY image_id, benchmark
