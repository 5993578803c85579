-- Every file that any batch has taken from any source, readable or not; without those whose place could not be read.
SELECT source, image_uri FROM source_images
UNION
SELECT split_part(subject_id, '/', 1) AS source, subject_id AS image_uri
FROM verdicts
WHERE asset LIKE 'sources/%' AND reason <> 'unreachable_place'
