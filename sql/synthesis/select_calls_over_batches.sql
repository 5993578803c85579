-- Model calls of synthesis per growth batch, in order: calls paid for, and calls reused from the ledger.
WITH paid AS (
  SELECT batch, count(*) AS calls, sum(cost) AS cost, sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)) AS tokens,
         count(*) FILTER (status = 'failed') AS failed, count(*) FILTER (first_problem IS NOT NULL) AS malformed
  FROM (
    SELECT batch, cost, prompt_tokens, completion_tokens, status, first_problem FROM calls
    UNION ALL
    SELECT batch, cost, prompt_tokens, completion_tokens, status, first_problem FROM forgotten_calls
  )
  WHERE batch <> ''
  GROUP BY batch
), asked AS (
  SELECT batch, sum(asked) AS asked, sum(reused) AS reused, sum(saved) AS saved FROM call_reuse WHERE batch <> '' GROUP BY batch
)
SELECT batch, coalesce(calls, 0) AS calls, coalesce(cost, 0) AS cost, CAST(coalesce(tokens, 0) AS BIGINT) AS tokens,
       coalesce(failed, 0) / greatest(coalesce(calls, 0), 1) AS failure_rate,
       coalesce(malformed, 0) / greatest(coalesce(calls, 0), 1) AS malformed_rate,
       CAST(coalesce(reused, 0) / greatest(coalesce(asked, 0), 1) AS DOUBLE) AS reuse_rate, coalesce(saved, 0) AS saved
FROM paid FULL JOIN asked USING (batch)
ORDER BY batch
