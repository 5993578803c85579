-- What calls cost and used, forgotten ones too, of one run or ('') of all. Calls of served policies are not paid for.
SELECT coalesce(sum(cost), 0) AS cost, CAST(coalesce(sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)), 0) AS BIGINT) AS tokens,
       count(*) AS calls
FROM (
  SELECT cost, prompt_tokens, completion_tokens, run_id, role FROM calls
  UNION ALL
  SELECT cost, prompt_tokens, completion_tokens, run_id, role FROM forgotten_calls
)
WHERE ($run_id = '' OR run_id = $run_id) AND role <> 'policy'
