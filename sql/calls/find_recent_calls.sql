-- Finished calls among the given ids, from a row number on, as calls/find_calls gives them: files before it are not read.
SELECT call_id, role, model, served_model, status, reply, reasoning, parsed, finish_reason, error, detail, attempts,
       prompt_tokens, completion_tokens, cost
FROM calls
WHERE rowid >= $first AND call_id IN (SELECT unnest($ids))
