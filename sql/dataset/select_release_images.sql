-- Images of a release with their hashes, which are NULL where neither the pool nor an import holds the image any longer.
SELECT o.image_id, coalesce(i.phash, m.phash) AS phash, coalesce(i.phash256, m.phash256) AS phash256
FROM (SELECT DISTINCT image_id FROM release_rows WHERE release_id = $release_id) o
LEFT JOIN images i ON i.image_id = o.image_id
LEFT JOIN imported_images m ON m.image_id = o.image_id
ORDER BY o.image_id
