-- The last commits of assets in a growth batch or without one, and of `$asset` in every batch; whether a call was forgotten since.
SELECT
  asset,
  batch,
  run_id,
  failed,
  rows_written,
  details,
  coalesce((SELECT max(forgotten_at) FROM forgotten_calls) > committed_at, false) AS calls_forgotten
FROM materializations
WHERE asset = $asset OR (asset IN (SELECT unnest($assets::VARCHAR[])) AND batch IN ('', $batch))
ORDER BY asset, batch
