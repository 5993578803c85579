-- Images and accepted samples by source of all batches but one, of those whose samples were made.
WITH whole AS (
  SELECT batch FROM materializations WHERE asset = 'samples' AND batch <> $batch
),
counted AS (
  SELECT s.source, 1 AS images, 0 AS samples
  FROM source_images s
  WHERE s.batch IN (SELECT batch FROM whole)
  UNION ALL
  SELECT s.source, 0, 1
  FROM samples s
  WHERE s.batch IN (SELECT batch FROM whole)
)
SELECT source, sum(images)::BIGINT AS images, sum(samples)::BIGINT AS samples
FROM counted
GROUP BY source
ORDER BY source
