-- The policy that an asset made or registered last: its accounting row names it.
SELECT p.policy_id, p.kind, p.path, p.weights_sha256, p.parent_id, p.release_id
FROM policies p
JOIN materializations m ON m.asset = $asset AND m.batch = ''
WHERE p.policy_id = (m.details->>'policy_id')
