-- Model calls of one asset in one run: asked, reused, paid, failed, and their cost.
SELECT
  coalesce(max(r.asked), 0) AS asked,
  coalesce(max(r.reused), 0) AS reused,
  coalesce(max(r.saved), 0) AS saved,
  count(c.call_id) AS paid,
  count(c.call_id) FILTER (c.status = 'failed') AS failed,
  count(c.call_id) FILTER (c.first_problem IS NOT NULL) AS malformed,
  coalesce(sum(c.attempts), 0) AS http_requests,
  coalesce(sum(c.prompt_tokens), 0) AS prompt_tokens,
  coalesce(sum(c.completion_tokens), 0) AS completion_tokens,
  coalesce(sum(c.cost), 0) AS cost
FROM (SELECT 1) one
LEFT JOIN call_reuse r ON r.run_id = $run_id AND r.asset = $asset AND r.batch = $batch
LEFT JOIN calls c ON c.run_id = $run_id AND c.asset = $asset AND c.batch = $batch
