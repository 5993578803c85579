-- What two policies answered to one evaluation set.
SELECT policy_id, policy_kind, item, reply
FROM predictions
WHERE benchmark = $benchmark AND policy_id IN ($base, $rl)
ORDER BY policy_kind, item
