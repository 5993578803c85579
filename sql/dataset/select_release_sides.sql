-- The images of a release with their side, hashes, which are NULL where neither the pool nor an import holds the image
-- any longer, and the files that they lie in.
SELECT
  o.image_id, o.split, coalesce(i.phash, m.phash) AS phash, coalesce(i.phash256, m.phash256) AS phash256,
  coalesce(i.origins, [o.image_path]) AS files
FROM (
  SELECT image_id, min(split) AS split, min(image_path) AS image_path
  FROM release_rows
  WHERE release_id = $release_id
  GROUP BY image_id
) o
LEFT JOIN images i ON i.image_id = o.image_id
LEFT JOIN imported_images m ON m.image_id = o.image_id
ORDER BY o.image_id
