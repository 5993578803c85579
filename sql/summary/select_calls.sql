-- What was paid to which model, over all runs; a forgotten call was paid like any other.
SELECT role, model, count(*) AS calls, count(*) FILTER (status <> 'ok') AS failed, sum(attempts) AS requests,
       coalesce(sum(prompt_tokens), 0) AS prompt_tokens, coalesce(sum(completion_tokens), 0) AS completion_tokens,
       sum(cost) AS cost
FROM (
  SELECT role, model, status, attempts, prompt_tokens, completion_tokens, cost FROM calls
  UNION ALL
  SELECT role, model, status, attempts, prompt_tokens, completion_tokens, cost FROM forgotten_calls
)
GROUP BY role, model
ORDER BY role, model
