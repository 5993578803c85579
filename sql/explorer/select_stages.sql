-- The funnel: rows in, on, dropped and failed of every asset over all growth batches; sources count as one.
SELECT
  CASE WHEN starts_with(asset, 'sources/') THEN 'sources' ELSE asset END AS stage,
  sum(rows_in)::BIGINT AS rows_in, sum(continued)::BIGINT AS continued, sum(dropped)::BIGINT AS dropped,
  sum(failed)::BIGINT AS failed, sum(rows_written)::BIGINT AS written, min(committed_at) AS first_committed
FROM materializations
WHERE batch <> ''
GROUP BY stage
ORDER BY first_committed, stage
