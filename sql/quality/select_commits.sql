-- The last commits of assets in a growth batch or without one, and of `$asset` in every batch; whether a call was forgotten since,
-- and whether a run asked models for that batch.
SELECT
  asset,
  batch,
  run_id,
  failed,
  rows_written,
  details,
  coalesce((SELECT max(forgotten_at) FROM forgotten_calls) > committed_at, false) AS calls_forgotten,
  (asset, batch) IN (SELECT (asset, batch) FROM call_reuse) AS asked_models
FROM materializations
WHERE asset = $asset OR (asset IN (SELECT unnest($assets::VARCHAR[])) AND batch IN ('', $batch))
ORDER BY asset, batch
