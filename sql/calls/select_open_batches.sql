-- Batches of an endpoint and model that were not collected yet, oldest first.
SELECT batch_key, endpoint, model, remote_id, call_ids, state, detail, asset, batch, run_id, created_at
FROM call_batches
WHERE endpoint = $endpoint AND model = $model AND state IN ('submitting', 'open')
ORDER BY created_at, batch_key
