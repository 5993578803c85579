-- Proposed questions of a batch with the description that they came from.
SELECT q.question_id, q.image_id, q.question, q.category, q.options, r.text
FROM questions q
JOIN refined_descriptions r ON r.refined_id = q.refined_id AND r.batch = $batch
WHERE q.batch = $batch
ORDER BY q.image_id, q.position, q.question_id
