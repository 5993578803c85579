-- The headline numbers of two policies.
SELECT policy_id, policy_kind, benchmark, metric, value, low, high, scale, n, n_set, n_failed, breakdown
FROM scores
WHERE main AND policy_id IN ($base, $rl)
ORDER BY benchmark, policy_kind
