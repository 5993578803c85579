-- RL policies that were scored, in the order of their releases, with the size of these.
SELECT p.policy_id, p.release_id, r.rows, r.batches, r.snapshot_id
FROM policies p
JOIN releases r ON r.release_id = p.release_id
WHERE p.kind = 'rl' AND p.policy_id IN (SELECT policy_id FROM scores)
ORDER BY r.snapshot_id, p.snapshot_id, p.policy_id
