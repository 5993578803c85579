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
),
answered AS (
  SELECT * FROM predictions WHERE policy_id = $policy_id AND list_contains($benchmarks, benchmark)
),
scored AS (
  SELECT * FROM item_scores WHERE policy_id = $policy_id AND list_contains($benchmarks, benchmark)
),
asked AS (
  SELECT call_id, reply, finish_reason, error, prompt_tokens, completion_tokens
  FROM calls
  WHERE call_id IN (SELECT call_id FROM answered UNION ALL SELECT judge_call_id FROM scored WHERE judge_call_id IS NOT NULL)
)
SELECT
  p.benchmark, i.position, p.item, i.question, i.hint, i.options, i.answer, i.category, i.split, i.image_ids, i.extra,
  p.call_id, p.prompt, p.reply, c.finish_reason, c.error, c.prompt_tokens, c.completion_tokens,
  s.extracted, s.verdict, s.score, s.method, s.judge_call_id, j.reply AS judge_reply,
  s.vlmevalkit_extracted, s.vlmevalkit_score, s.vlmevalkit_method
FROM answered p
JOIN items i ON i.benchmark = p.benchmark AND i.item = p.item
LEFT JOIN scored s ON s.item = p.item AND s.benchmark = p.benchmark
LEFT JOIN asked c ON c.call_id = p.call_id
LEFT JOIN asked j ON j.call_id = s.judge_call_id
ORDER BY p.benchmark, i.position, p.item
