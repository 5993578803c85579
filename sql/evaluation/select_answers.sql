-- What one policy answered to the items of sets, and to held-out samples: item, reply, both verdicts, the calls and their tokens.
WITH texts AS (  -- of releases of version 0.1, which hold none of their own
  SELECT s.*
  FROM samples s
  SEMI JOIN release_rows o ON o.sample_id = s.sample_id AND o.problem IS NULL
),
held AS (
  SELECT
    r.sample_id, r.image_id, coalesce(r.problem, s.problem) AS problem, coalesce(r.answer, s.answer) AS answer,
    coalesce(r.category, s.category) AS category, coalesce(r.source, s.source) AS source,
    coalesce(r.answer_typed, s.answer_typed) AS answer_typed
  FROM release_rows r
  LEFT JOIN texts s ON s.sample_id = r.sample_id
  WHERE r.split = 'heldout' AND list_contains($benchmarks, 'heldout')
    AND coalesce(r.problem, s.problem) IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY r.sample_id ORDER BY r.release_id) = 1
),
items AS (
  SELECT benchmark, item, position, question, hint, options, answer, category, split, image_ids, extra
  FROM benchmark_items
  WHERE list_contains($benchmarks, benchmark)
  UNION ALL
  SELECT 'heldout', sample_id, CAST(row_number() OVER (ORDER BY sample_id) AS INTEGER), problem, NULL, CAST([] AS VARCHAR[]), answer, category, NULL,
    [image_id], to_json({'source': source, 'answer_typed': answer_typed})
  FROM held
),
answered AS (
  SELECT * FROM predictions WHERE policy_id = $policy_id AND list_contains($benchmarks, benchmark)
),
scored AS (
  SELECT * FROM item_scores WHERE policy_id = $policy_id AND list_contains($benchmarks, benchmark)
),
asked AS (  -- of a forgotten call, what it was before it is asked again
  SELECT call_id, reply, finish_reason, error, prompt_tokens, completion_tokens
  FROM (
    SELECT call_id, reply, finish_reason, error, prompt_tokens, completion_tokens, NULL AS forgotten_at FROM calls
    UNION ALL
    SELECT call_id, reply, finish_reason, error, prompt_tokens, completion_tokens, forgotten_at FROM forgotten_calls
  )
  WHERE call_id IN (SELECT call_id FROM answered UNION ALL SELECT judge_call_id FROM scored WHERE judge_call_id IS NOT NULL)
  QUALIFY row_number() OVER (PARTITION BY call_id ORDER BY forgotten_at DESC NULLS FIRST) = 1
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
