-- The questions that a batch wrote.
SELECT question_id, question
FROM questions
WHERE batch = $batch
