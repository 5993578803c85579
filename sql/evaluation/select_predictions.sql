-- What policies answered to all evaluation sets: base and RL policy, or one alone that is named twice.
SELECT policy_id, policy_kind, benchmark, item, reply
FROM predictions
WHERE policy_id IN ($base, $rl)
ORDER BY benchmark, policy_kind, item
