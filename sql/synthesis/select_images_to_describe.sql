-- Images of a batch with their source's annotations.
SELECT i.image_id, i.source, s.context
FROM images i
LEFT JOIN source_images s ON s.source = i.source AND s.image_uri = i.image_uri
WHERE i.batch = $batch
ORDER BY i.image_id
