-- How many images a batch has taken.
SELECT count(*) AS n FROM source_images WHERE batch = $batch
