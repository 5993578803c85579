-- Files of a source that any batch has taken, whether they could be read or not.
SELECT image_uri, batch, position
FROM source_images
WHERE source = $source
UNION ALL
SELECT v.subject_id AS image_uri, v.batch, NULL AS position
FROM verdicts v
ANTI JOIN source_images s ON s.image_uri = v.subject_id AND s.batch = v.batch AND s.source = $source
WHERE v.asset = $asset
