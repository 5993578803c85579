-- Verdicts on what two policies answered, for items that they were asked last.
SELECT s.policy_id, s.benchmark, s.item, s.score, s.verdict, s.method
FROM item_scores s
JOIN predictions p ON p.policy_id = s.policy_id AND p.benchmark = s.benchmark AND p.item = s.item
WHERE s.policy_id IN ($base, $rl) AND p.policy_id IN ($base, $rl)
ORDER BY s.benchmark, s.item, s.policy_id
