-- Texts that describe three or more images of a batch.
SELECT text, count(*) AS images
FROM descriptions
WHERE batch = $batch
GROUP BY text
HAVING count(*) >= 3
LIMIT 20
