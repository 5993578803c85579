-- How many images a batch has taken of each source.
SELECT source, count(*) AS n
FROM source_images
WHERE batch = $batch
GROUP BY source
ORDER BY source
