-- Rows per asset of one growth batch and of the unpartitioned assets, in the order in which they were committed.
WITH stopped AS (
  SELECT asset, batch, reason, count(*) AS n FROM verdicts WHERE batch IN ('', $batch) GROUP BY asset, batch, reason
),
told AS (
  SELECT asset, batch, string_agg(reason || ' ' || n, ', ' ORDER BY n DESC, reason) AS reasons FROM stopped GROUP BY asset, batch
)
SELECT m.asset, m.batch, m.rows_in, m.continued, m.dropped, m.failed, m.rows_written, m.seconds, t.reasons
FROM materializations m
LEFT JOIN told t ON t.asset = m.asset AND t.batch = m.batch
WHERE m.batch IN ('', $batch)
ORDER BY m.committed_at, m.asset
