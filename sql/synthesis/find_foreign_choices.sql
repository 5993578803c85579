-- Kept answers of another question, or that neither agreement nor an adjudication decided.
SELECT c.question_id, c.answer_id, c.chosen_by
FROM chosen_answers c
LEFT JOIN answers a ON a.answer_id = c.answer_id AND a.question_id = c.question_id AND a.batch = $batch
WHERE c.batch = $batch
  AND (a.answer_id IS NULL OR (c.chosen_by = 'agreement' AND a.agreement <> 'agree')
       OR (c.chosen_by <> 'agreement' AND c.call_id IS NULL))
LIMIT 20
