-- Every question with what became of it, for the table of rows that the explorer filters; texts are cut.
WITH paired AS (
  SELECT question_id, min(agreement) AS agreement FROM answers GROUP BY question_id
)
SELECT
  q.question_id, q.image_id, q.batch, i.source, q.category, q.abilities, left(q.question, 240) AS question,
  s.sample_id, left(s.answer, 80) AS answer, s.answer_type, s.reward, a.agreement, q.position
FROM questions q
LEFT JOIN images i ON i.image_id = q.image_id
LEFT JOIN samples s ON s.question_id = q.question_id
LEFT JOIN paired a ON a.question_id = q.question_id
ORDER BY q.image_id, q.position
