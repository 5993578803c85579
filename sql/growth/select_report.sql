-- The growth report: every trained policy on every set, by the size of its release.
SELECT policy_id, benchmark, previous_id, release_id, batches, rows, images, cost, scale, value, low, high, n, delta, delta_low,
  delta_high, p_holm
FROM growth_report
ORDER BY rows, policy_id, benchmark
