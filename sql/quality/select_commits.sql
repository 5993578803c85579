-- The last commits of assets in a growth batch or without one, in every batch of `$own`, and the latest call that was
-- forgotten since each.
SELECT
  m.asset,
  m.batch,
  m.run_id,
  m.failed,
  m.rows_written,
  m.details,
  coalesce(f.latest > m.committed_at, false) AS calls_forgotten
FROM materializations AS m
CROSS JOIN (SELECT max(forgotten_at) AS latest FROM forgotten_calls) AS f
WHERE m.asset = $own OR (m.asset IN (SELECT unnest($assets::VARCHAR[])) AND m.batch IN ('', $batch))
ORDER BY m.asset, m.batch
