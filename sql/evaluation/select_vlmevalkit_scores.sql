-- Numbers of two policies by VLMEvalKit's rules.
SELECT policy_id, benchmark, metric, value, low, high, scale, n, n_set, name
FROM scores
WHERE scorer = 'vlmevalkit' AND policy_id IN ($base, $rl)
ORDER BY benchmark, policy_id, metric
