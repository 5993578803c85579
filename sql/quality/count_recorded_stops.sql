-- Row conservation of assets in one batch: per asset the accounting row beside the counts of verdicts it must equal.
WITH stopped AS (
  SELECT
    asset,
    count(*) FILTER (verdict = 'dropped') AS dropped_rows,
    count(*) FILTER (verdict = 'failed') AS failed_rows,
    count(*) FILTER (trim(reason) = '') AS without_reason
  FROM verdicts
  WHERE batch = $batch AND list_contains($assets, asset)
  GROUP BY asset
)
SELECT
  m.asset, m.rows_in, m.continued, m.dropped, m.failed,
  coalesce(s.dropped_rows, 0) AS dropped_rows,
  coalesce(s.failed_rows, 0) AS failed_rows,
  coalesce(s.without_reason, 0) AS without_reason
FROM materializations m
LEFT JOIN stopped s ON s.asset = m.asset
WHERE m.batch = $batch AND list_contains($assets, m.asset)
ORDER BY m.asset
