-- An asset's accounting of one batch: the run that committed it, its counts, and its details.
SELECT asset, batch, run_id, rows_in, continued, dropped, failed, rows_written, seconds, committed_at, details
FROM materializations
WHERE asset = $asset AND batch = $batch
