-- Numbers of two policies by VLMEvalKit's rules, of one of its versions.
SELECT policy_id, benchmark, metric, value, low, high, scale, n, n_set, name
FROM scores
WHERE scorer = $scorer AND policy_id IN ($base, $rl)
ORDER BY benchmark, policy_id, metric
