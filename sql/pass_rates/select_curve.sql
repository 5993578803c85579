-- pass@k of a policy over all rows that it was asked.
SELECT k, rows, value, low, high
FROM pass_at_k
WHERE policy_id = $policy_id AND part = 'all'
ORDER BY k
