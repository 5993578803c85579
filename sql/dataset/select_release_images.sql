-- Images of a release with their hashes, which are NULL where the pool holds the image no longer.
SELECT o.image_id, i.phash, i.phash256
FROM (SELECT DISTINCT image_id FROM release_rows WHERE release_id = $release_id) o
LEFT JOIN images i ON i.image_id = o.image_id
ORDER BY o.image_id
