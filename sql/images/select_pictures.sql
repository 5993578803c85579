-- What is sent of these images, and their sizes; picture_id is NULL in rows of versions that made no copies.
SELECT image_id, picture_id, width, height
FROM images
WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
UNION ALL
SELECT image_id, picture_id, width, height
FROM benchmark_images
WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
UNION ALL
SELECT image_id, picture_id, width, height
FROM imported_images
WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY image_id
