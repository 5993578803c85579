-- Every file with these bytes, and whether the pool took the image.
SELECT s.source, s.batch, s.image_uri, s.licence, s.split, i.width, i.height, i.format, i.image_uri AS canonical_uri
FROM source_images s
LEFT JOIN images i ON i.image_id = s.image_id
WHERE s.image_id = $image_id
ORDER BY s.batch, s.image_uri
