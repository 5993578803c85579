-- All releases, the oldest first, with what was made of them and the names that people gave them.
WITH named AS (
  SELECT release_id, list(tag ORDER BY tag) AS tags FROM release_tags GROUP BY release_id
), learned AS (
  SELECT release_id, list(policy_id ORDER BY policy_id) AS policies FROM policies GROUP BY release_id
)
SELECT
  r.release_id, r.rows, r.train_rows, r.heldout_rows, r.batches, r.target, r.config, r.path, r.snapshot_id, r.run_id,
  s.snapshot_time AS made, coalesce(n.tags, []) AS tags, coalesce(l.policies, []) AS policies
FROM releases r
LEFT JOIN lake.snapshots() s ON s.snapshot_id = r.snapshot_id
LEFT JOIN named n ON n.release_id = r.release_id
LEFT JOIN learned l ON l.release_id = r.release_id
ORDER BY r.snapshot_id, r.release_id
