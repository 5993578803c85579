-- All policies, those with the oldest data first: what each came from, the verdict on it, its held-out accuracy.
SELECT p.policy_id, p.kind, p.parent_id, p.release_id, p.path, p.weights_sha256, p.config, p.seconds, p.run_id,
  r.promoted, r.why, s.value AS heldout, s.low AS heldout_low, s.high AS heldout_high
FROM policies p
LEFT JOIN promotions r ON r.policy_id = p.policy_id
LEFT JOIN scores s ON s.policy_id = p.policy_id AND s.benchmark = 'heldout' AND s.main
ORDER BY p.snapshot_id NULLS FIRST, p.policy_id
