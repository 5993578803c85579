-- What one policy answered to the items of a set: item, reply, both verdicts, the calls and their tokens.
SELECT
  i.position, p.item, i.question, i.hint, i.options, i.answer, i.category, i.split, i.image_ids, i.extra,
  p.call_id, p.prompt, p.reply, c.finish_reason, c.error, c.prompt_tokens, c.completion_tokens,
  s.extracted, s.verdict, s.score, s.method, s.judge_call_id, j.reply AS judge_reply,
  s.vlmevalkit_extracted, s.vlmevalkit_score, s.vlmevalkit_method
FROM predictions p
JOIN benchmark_items i ON i.benchmark = p.benchmark AND i.item = p.item
LEFT JOIN item_scores s ON s.policy_id = p.policy_id AND s.benchmark = p.benchmark AND s.item = p.item
LEFT JOIN calls c ON c.call_id = p.call_id
LEFT JOIN calls j ON j.call_id = s.judge_call_id
WHERE p.policy_id = $policy_id AND p.benchmark = $benchmark
ORDER BY i.position
