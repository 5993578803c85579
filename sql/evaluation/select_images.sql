-- Images of the evaluation sets that were decoded and hashed before.
SELECT image_id, benchmark, item, image_uri, format, width, height, phash, phash256
FROM benchmark_images
ORDER BY image_id
