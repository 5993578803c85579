-- Row conservation of assets in one batch: per asset the accounting row beside the counts of verdicts it must equal.
SELECT
  m.asset,
  m.rows_in,
  m.continued,
  m.dropped,
  m.failed,
  count(v.subject_id) FILTER (v.verdict = 'dropped') AS dropped_rows,
  count(v.subject_id) FILTER (v.verdict = 'failed') AS failed_rows,
  count(v.subject_id) FILTER (trim(v.reason) = '') AS without_reason
FROM materializations m
LEFT JOIN verdicts v ON v.asset = m.asset AND v.batch = m.batch
WHERE m.asset IN (SELECT unnest($assets)) AND m.batch = $batch
GROUP BY ALL
