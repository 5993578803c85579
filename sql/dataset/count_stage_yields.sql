-- Rows in, on, dropped and failed per asset over all growth batches, for the data set card.
SELECT
  asset,
  sum(rows_in) AS rows_in, sum(continued) AS continued, sum(dropped) AS dropped, sum(failed) AS failed,
  min(committed_at) AS first_committed
FROM materializations
WHERE batch <> ''
GROUP BY asset
ORDER BY first_committed, asset
