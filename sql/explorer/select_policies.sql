-- Policies with what they were trained on, how many items they answered, and their headline number on the held-out rows.
WITH trained AS (
  SELECT policy_id, max(step) AS steps FROM training_steps GROUP BY policy_id
), held AS (
  SELECT policy_id, value, low, high, n FROM scores WHERE benchmark = 'heldout' AND main
), answered AS (
  SELECT policy_id, count(*) AS items FROM item_scores GROUP BY policy_id
)
SELECT
  p.policy_id, p.kind, p.parent_id, p.release_id, p.seconds, t.steps, h.value AS heldout, h.low, h.high, h.n,
  coalesce(a.items, 0) AS answered
FROM policies p
LEFT JOIN trained t ON t.policy_id = p.policy_id
LEFT JOIN held h ON h.policy_id = p.policy_id
LEFT JOIN answered a ON a.policy_id = p.policy_id
ORDER BY p.snapshot_id NULLS FIRST, p.policy_id
