-- Every policy's answer to one benchmark item, or to one held-out sample (set 'heldout').
SELECT p.policy_id, p.benchmark, p.item, p.call_id, p.reply, s.extracted, s.verdict, s.score, s.method, s.judge_call_id
FROM predictions p
LEFT JOIN item_scores s ON s.policy_id = p.policy_id AND s.benchmark = $benchmark AND s.item = $item
WHERE p.benchmark = $benchmark AND p.item = $item
ORDER BY p.policy_id
