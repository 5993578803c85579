-- The verdict on a policy by the held-out rows.
SELECT policy_id, base_id, release_id, promoted, n, base, rl, delta, low, high, why FROM promotions WHERE policy_id = $policy_id
