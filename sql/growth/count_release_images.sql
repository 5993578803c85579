-- Images of a release.
SELECT count(DISTINCT image_id) AS n FROM release_rows WHERE release_id = $release_id
