-- Rows of a release by growth batch.
SELECT batch, count(*) AS n
FROM release_rows
WHERE release_id = $release_id AND batch IS NOT NULL
GROUP BY batch
