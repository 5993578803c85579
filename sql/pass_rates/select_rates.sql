-- The pass rates of a policy.
SELECT sample_id, scored, correct, rate
FROM pass_rates
WHERE policy_id = $policy_id
ORDER BY sample_id
