-- What one policy answered to the items of sets, and to held-out samples: item, reply, both verdicts, the calls and their tokens.
WITH items AS (
  SELECT benchmark, item, position, question, hint, options, answer, category, split, image_ids, extra
  FROM benchmark_items
  WHERE list_contains($benchmarks, benchmark)
  UNION ALL
  SELECT 'heldout', sample_id, CAST(row_number() OVER (ORDER BY sample_id) AS INTEGER), problem, NULL, CAST([] AS VARCHAR[]), answer, category, NULL,
    [image_id], to_json({'source': source, 'answer_typed': answer_typed})
  FROM samples
  WHERE list_contains($benchmarks, 'heldout')
)
SELECT
  p.benchmark, i.position, p.item, i.question, i.hint, i.options, i.answer, i.category, i.split, i.image_ids, i.extra,
  p.call_id, p.prompt, p.reply, c.finish_reason, c.error, c.prompt_tokens, c.completion_tokens,
  s.extracted, s.verdict, s.score, s.method, s.judge_call_id, j.reply AS judge_reply,
  s.vlmevalkit_extracted, s.vlmevalkit_score, s.vlmevalkit_method
FROM predictions p
JOIN items i ON i.benchmark = p.benchmark AND i.item = p.item
LEFT JOIN item_scores s ON s.item = p.item AND s.benchmark = p.benchmark AND s.policy_id = $policy_id
LEFT JOIN calls c ON c.call_id = p.call_id
LEFT JOIN calls j ON j.call_id = s.judge_call_id
WHERE p.policy_id = $policy_id AND list_contains($benchmarks, p.benchmark)
ORDER BY p.benchmark, i.position, p.item
