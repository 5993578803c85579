-- Files of a source that any batch has taken, whether they could be read or not. What a batch could not read because of
-- the place is its own to read again, and no other batch's.
SELECT image_uri, batch, position
FROM source_images
WHERE source = $source
UNION ALL
SELECT v.subject_id AS image_uri, v.batch, NULL AS position
FROM verdicts v
ANTI JOIN source_images s ON s.image_uri = v.subject_id AND s.source = $source
WHERE v.asset = $asset AND (v.reason <> 'unreachable_place' OR v.batch = $batch)
