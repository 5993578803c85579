-- Questions of a batch that passed both filters.
SELECT q.question_id, q.image_id, q.question, q.category, q.options, r.text
FROM valid_questions v
JOIN questions q ON q.question_id = v.question_id AND q.batch = $batch
JOIN refined_descriptions r ON r.refined_id = q.refined_id AND r.batch = $batch
WHERE v.batch = $batch
ORDER BY q.image_id, q.position, q.question_id
