-- The headline numbers of two policies.
SELECT policy_id, policy_kind, benchmark, metric, value, low, high, scale, n, n_set, n_failed, breakdown, name, scorer, rules_only, n_unparsed, n_judged, bound_low, bound_high, n_contaminated, clean_value, clean_low, clean_high
FROM scores
WHERE main AND policy_id IN ($base, $rl)
ORDER BY benchmark, policy_kind
