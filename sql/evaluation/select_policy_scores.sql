-- All numbers of a policy on the given sets.
SELECT benchmark, metric, main, value, low, high, scale, n, n_set, n_failed, name, scorer, rules_only, n_unparsed, n_judged,
  bound_low, bound_high, n_contaminated, clean_value, breakdown, notes
FROM scores
WHERE policy_id = $policy_id AND list_contains($benchmarks::VARCHAR[], benchmark)
ORDER BY benchmark, main DESC, scorer, metric
