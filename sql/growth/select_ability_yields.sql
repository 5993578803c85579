-- By ability: questions with it, and accepted samples, of all batches but one whose samples were made.
WITH whole AS (
  SELECT batch FROM materializations WHERE asset = 'samples' AND batch <> $batch
),
tagged AS (
  SELECT unnest(abilities) AS ability, 1 AS proposed, 0 AS samples
  FROM questions
  WHERE batch IN (SELECT batch FROM whole)
  UNION ALL
  SELECT unnest(abilities), 0, 1
  FROM samples
  WHERE batch IN (SELECT batch FROM whole)
)
SELECT ability, sum(proposed)::BIGINT AS proposed, sum(samples)::BIGINT AS samples
FROM tagged
GROUP BY ability
ORDER BY ability
