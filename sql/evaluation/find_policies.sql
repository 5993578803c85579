-- Policies that answered anything and whose id begins with, or whose kind is, the given text; the latest first.
SELECT p.policy_id, p.kind, max(c.created_at) AS answered_at
FROM policies p
JOIN predictions a ON a.policy_id = p.policy_id
JOIN (
  SELECT call_id, created_at FROM calls
  UNION ALL
  SELECT call_id, created_at FROM forgotten_calls
) c ON c.call_id = a.call_id
WHERE starts_with(p.policy_id, $policy) OR p.kind = $policy
GROUP BY p.policy_id, p.kind
ORDER BY p.policy_id = $policy DESC, answered_at DESC
