-- What was paid to which model, over all runs.
SELECT role, model, count(*) AS calls, count(*) FILTER (status <> 'ok') AS failed, sum(attempts) AS requests,
       coalesce(sum(prompt_tokens), 0) AS prompt_tokens, coalesce(sum(completion_tokens), 0) AS completion_tokens,
       sum(cost) AS cost
FROM calls
GROUP BY role, model
ORDER BY role, model
