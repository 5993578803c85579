-- Calls and cost of synthesis by asset and prompt, over all growth batches, those of forgotten calls too.
SELECT asset, prompt, count(*) AS calls, sum(cost) AS cost
FROM (
  SELECT asset, prompt, cost, batch FROM calls
  UNION ALL
  SELECT asset, prompt, cost, batch FROM forgotten_calls
)
WHERE batch <> ''
GROUP BY asset, prompt
ORDER BY asset, prompt
