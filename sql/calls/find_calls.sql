-- Finished calls among the given ids, as the replies are built from them.
SELECT call_id, role, model, served_model, status, reply, reasoning, parsed, finish_reason, error, detail, attempts,
       prompt_tokens, completion_tokens, cost
FROM calls
WHERE call_id IN (SELECT unnest($ids))
