-- Every file of a source that any batch has taken, readable or not; without those whose place could not be read.
SELECT image_uri FROM source_images WHERE source = $source
UNION
SELECT subject_id AS image_uri
FROM verdicts
WHERE asset LIKE 'sources/%' AND reason <> 'unreachable_place' AND starts_with(subject_id, $source || '/')
