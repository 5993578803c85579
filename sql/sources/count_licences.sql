-- Images that a batch took from a source, by their licence.
SELECT licence, count(*) AS images
FROM source_images
WHERE source = $source AND batch = $batch
GROUP BY licence
ORDER BY licence
