-- The headline numbers of a policy on all sets.
SELECT benchmark, metric, name, value, low, high, scale, n, n_set, n_contaminated, rules_only
FROM scores
WHERE main AND policy_id = $policy_id
ORDER BY benchmark
