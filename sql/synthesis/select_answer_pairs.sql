-- Answer pairs: one row per question with both answers side by side.
SELECT
  q.question_id, q.image_id, q.question, q.category, q.options, a.agreement,
  a.answer_id AS reasoner_answer_id, a.answer AS reasoner_answer,
  b.answer_id AS vlm_answer_id, b.answer AS vlm_answer
FROM answers a
JOIN answers b ON b.question_id = a.question_id AND b.batch = $batch AND b.answerer = 'vlm'
JOIN questions q ON q.question_id = a.question_id AND q.batch = $batch
WHERE a.batch = $batch AND a.answerer = 'reasoner'
ORDER BY q.image_id, q.position, q.question_id
