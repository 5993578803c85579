-- The parts of each record, one row per reasoning path that routing did not drop.
SELECT
  p.path_id, p.question_id, p.answer_id, p.image_id, p.refined_cot,
  q.question, q.category, q.options, q.abilities, a.answer, r.rule_type,
  i.source, i.licence, i.image_uri
FROM reasoning_paths p
JOIN questions q ON q.question_id = p.question_id AND q.batch = p.batch
JOIN answers a ON a.answer_id = p.answer_id AND a.batch = p.batch
JOIN images i ON i.image_id = p.image_id AND i.batch = p.batch
LEFT JOIN routed_answers r ON r.path_id = p.path_id AND r.batch = p.batch
WHERE p.batch = $batch
  AND NOT EXISTS (
    SELECT 1 FROM verdicts v WHERE v.asset = 'routed_answers' AND v.batch = p.batch AND v.subject_id = p.question_id
  )
ORDER BY p.image_id, q.position
