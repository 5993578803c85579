-- Every kept answer that has a path, with all replies to its question: both answers, their chains, the path.
SELECT
  p.path_id, p.question_id, p.answer_id, p.image_id, p.refined_cot AS path, p.call_id AS path_call_id,
  q.question, q.category, q.options, i.source, k.answer,
  r.answer AS reasoner_answer, r.chain AS reasoner_chain, r.call_id AS reasoner_call_id,
  v.answer AS vlm_answer, v.chain AS vlm_chain, v.call_id AS vlm_call_id
FROM reasoning_paths p
JOIN questions q ON q.question_id = p.question_id AND q.batch = $batch
JOIN images i ON i.image_id = p.image_id AND i.batch = $batch
JOIN answers k ON k.answer_id = p.answer_id AND k.batch = $batch
JOIN answers r ON r.question_id = p.question_id AND r.batch = $batch AND r.answerer = 'reasoner'
JOIN answers v ON v.question_id = p.question_id AND v.batch = $batch AND v.answerer = 'vlm'
WHERE p.batch = $batch
ORDER BY p.image_id, q.position, p.path_id
