-- The policy of a kind that its asset made last: the one that its accounting row names, else the one of its run.
SELECT p.policy_id, p.kind, p.path, p.release_id
FROM policies p
JOIN materializations m ON m.asset = $asset AND m.batch = ''
WHERE p.kind = $kind
ORDER BY coalesce(p.policy_id = (m.details->>'policy_id'), false) DESC, p.run_id = m.run_id DESC, p.policy_id
LIMIT 1
