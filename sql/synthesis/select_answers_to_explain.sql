-- The kept answer of each question with its raw chain.
SELECT
  c.question_id, c.answer_id, c.image_id, c.chosen_by, q.question, q.category, q.options, a.answer, a.chain, i.source
FROM chosen_answers c
JOIN answers a ON a.answer_id = c.answer_id AND a.batch = $batch
JOIN questions q ON q.question_id = c.question_id AND q.batch = $batch
LEFT JOIN images i ON i.image_id = c.image_id AND i.batch = $batch
WHERE c.batch = $batch
ORDER BY q.image_id, q.position, q.question_id
