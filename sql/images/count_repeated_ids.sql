-- Images of a batch's pool that the pool holds more than once.
SELECT count(*) AS repeated
FROM (SELECT image_id FROM images GROUP BY image_id HAVING count(*) > 1 AND bool_or(batch = $batch))
