-- Each question of an image with everything that became of it, one row a question.
SELECT
  q.question_id, q.question, q.category, q.options, q.abilities, q.call_id,
  v.well_posed_call_id, v.answerable_call_id,
  ra.answer_id AS reasoner_answer_id, ra.answer AS reasoner_answer, ra.call_id AS reasoner_call_id,
  va.answer_id AS vlm_answer_id, va.answer AS vlm_answer, va.call_id AS vlm_call_id,
  ra.agreement,
  c.answer_id AS chosen_answer_id, c.chosen_by, c.call_id AS adjudicator_call_id,
  p.path_id, p.refined_cot, p.call_id AS path_call_id,
  o.reward AS routed_to, o.rule_type, o.reason AS route_reason, o.replies, o.decided, o.disagreeing,
  s.sample_id, s.answer, s.answer_type, s.reward
FROM questions q
LEFT JOIN valid_questions v ON v.question_id = q.question_id
LEFT JOIN answers ra ON ra.question_id = q.question_id AND ra.answerer = 'reasoner'
LEFT JOIN answers va ON va.question_id = q.question_id AND va.answerer = 'vlm'
LEFT JOIN chosen_answers c ON c.question_id = q.question_id
LEFT JOIN reasoning_paths p ON p.question_id = q.question_id
LEFT JOIN routed_answers o ON o.question_id = q.question_id
LEFT JOIN samples s ON s.question_id = q.question_id
WHERE q.image_id = $image_id
ORDER BY q.position
