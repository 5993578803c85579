SELECT policy_id, kind, parent_id, release_id, path, weights_sha256, snapshot_id, seconds, run_id
FROM policies
WHERE policy_id = $policy_id
