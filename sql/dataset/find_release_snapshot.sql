-- The snapshot that a release was made from.
SELECT snapshot_id FROM releases WHERE release_id = $release_id
