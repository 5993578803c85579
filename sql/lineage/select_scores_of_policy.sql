-- Headline numbers of a policy.
SELECT benchmark, metric, value, low, high, scale, n, n_set FROM scores
WHERE policy_id = $policy_id AND main
ORDER BY benchmark
