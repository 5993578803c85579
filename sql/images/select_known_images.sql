-- What is known of the decoded images of a batch, so that they need not be decoded again.
SELECT image_id, format, width, height, phash, phash256, picture_id, origins
FROM images
WHERE batch = $batch
