-- Model calls of one asset in one run: asked, reused, paid, failed, and their cost; those that were refused, and in how
-- many runs so far at most.
WITH reuse AS (
  SELECT coalesce(max(asked), 0) AS asked, coalesce(max(reused), 0) AS reused, coalesce(max(saved), 0) AS saved
  FROM call_reuse
  WHERE run_id = $run_id AND asset = $asset AND batch = $batch
),
paid AS (
  SELECT
    count(*) AS paid,
    count(*) FILTER (status = 'failed') AS failed,
    count(*) FILTER (first_problem IS NOT NULL) AS malformed,
    coalesce(sum(attempts), 0) AS http_requests,
    coalesce(sum(prompt_tokens), 0) AS prompt_tokens,
    coalesce(sum(completion_tokens), 0) AS completion_tokens,
    coalesce(sum(cost), 0) AS cost
  FROM (
    SELECT status, first_problem, attempts, prompt_tokens, completion_tokens, cost, run_id, asset, batch FROM calls
    UNION ALL
    SELECT status, first_problem, attempts, prompt_tokens, completion_tokens, cost, run_id, asset, batch
    FROM forgotten_calls
  )
  WHERE run_id = $run_id AND asset = $asset AND batch = $batch
),
refused AS (
  SELECT count(*) AS refused, coalesce(max(runs), 0) AS refused_runs
  FROM (
    SELECT count(*) AS runs
    FROM refused_calls
    WHERE asset = $asset AND batch = $batch
    GROUP BY call_id
    HAVING bool_or(run_id = $run_id)
  )
)
SELECT asked, reused, saved, paid, failed, malformed, http_requests, prompt_tokens, completion_tokens, cost, refused,
       refused_runs
FROM reuse, paid, refused
