-- What is known of the images of the evaluation sets.
SELECT benchmark, image_id, item, phash, phash256
FROM contamination_images
