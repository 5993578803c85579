-- What was asked of which model, and what it cost.
SELECT call_id, role, model, served_model, prompt, prompt_version, status, error, attempts,
       prompt_tokens, completion_tokens, cost, latency_ms, asset, batch, run_id, reply
FROM calls
WHERE call_id IN (SELECT unnest($ids))
