-- Files that other batches took, and whether the pool holds them as canonical files.
SELECT s.image_uri, i.image_id IS NOT NULL AS held
FROM source_images s
LEFT JOIN images i ON i.image_uri = s.image_uri
WHERE s.batch <> $batch
