-- By source: images and accepted samples of all batches but one whose samples were made, images of those whose samples
-- were not (`coming`), and images of that one batch (`taken`).
WITH whole AS (
  SELECT batch FROM materializations WHERE asset = 'samples' AND batch <> $batch
),
counted AS (
  SELECT
    s.source,
    (s.batch IN (SELECT batch FROM whole))::INTEGER AS images,
    (s.batch <> $batch AND s.batch NOT IN (SELECT batch FROM whole))::INTEGER AS coming,
    (s.batch = $batch)::INTEGER AS taken,
    0 AS samples
  FROM source_images s
  UNION ALL
  SELECT s.source, 0, 0, 0, 1
  FROM samples s
  WHERE s.batch IN (SELECT batch FROM whole)
)
SELECT
  source, sum(images)::BIGINT AS images, sum(coming)::BIGINT AS coming, sum(taken)::BIGINT AS taken,
  sum(samples)::BIGINT AS samples
FROM counted
GROUP BY source
ORDER BY source
