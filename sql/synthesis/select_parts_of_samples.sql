-- The parts of each record, one row per reasoning path that routing did not drop.
SELECT
  p.path_id, p.question_id, p.answer_id, p.image_id, p.refined_cot,
  q.question, q.category, q.options, q.abilities, a.answer, r.rule_type,
  i.source, i.licence, i.image_uri
FROM reasoning_paths p
JOIN questions q ON q.question_id = p.question_id AND q.batch = $batch
JOIN answers a ON a.answer_id = p.answer_id AND a.batch = $batch
JOIN images i ON i.image_id = p.image_id AND i.batch = $batch
LEFT JOIN routed_answers r ON r.path_id = p.path_id AND r.batch = $batch
ANTI JOIN verdicts v ON v.subject_id = p.question_id AND v.asset = 'routed_answers' AND v.batch = $batch
WHERE p.batch = $batch
ORDER BY p.image_id, q.position, p.path_id
