-- Finished calls among the given ids that lie between two places of one Parquet file, as calls/find_calls gives them.
SELECT call_id, role, model, served_model, status, reply, reasoning, parsed, finish_reason, error, detail, attempts,
       prompt_tokens, completion_tokens, cost
FROM read_parquet($file, hive_partitioning = false, file_row_number = true)
WHERE file_row_number BETWEEN $first AND $last AND call_id IN (SELECT unnest($ids))
