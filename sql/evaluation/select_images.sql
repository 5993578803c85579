-- Images of the evaluation sets that were decoded and hashed before.
SELECT image_id, benchmark, item, image_uri, format, width, height, phash, phash256, picture_id
FROM benchmark_images
ORDER BY image_id
