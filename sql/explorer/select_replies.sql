-- What policies replied to some items of a set.
SELECT policy_id, item, reply, call_id
FROM predictions
WHERE policy_id IN ($base, $new) AND benchmark = $benchmark AND item IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY policy_id, item
