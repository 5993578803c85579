-- Files of a source that any batch has taken, whether they could be read or not.
SELECT image_uri, batch, position
FROM source_images
WHERE source = $source
UNION ALL
SELECT v.subject_id AS image_uri, v.batch, NULL AS position
FROM verdicts v
WHERE v.asset = $asset
  AND NOT EXISTS (
    SELECT 1 FROM source_images s
    WHERE s.source = $source AND s.image_uri = v.subject_id AND s.batch = v.batch
  )
