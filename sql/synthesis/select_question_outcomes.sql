-- The outcome of every question of a batch before packaging: the stage that dropped it, or NULL.
SELECT q.question_id, q.image_id, q.question, q.category, v.asset AS stopped_at, v.verdict, v.reason
FROM questions q
LEFT JOIN verdicts v
  ON v.subject_id = q.question_id AND v.batch = $batch
  AND v.asset IN ('valid_questions', 'dual_answers', 'chosen_answers', 'reasoning_paths', 'routed_answers')
WHERE q.batch = $batch
ORDER BY q.image_id, q.position, q.question_id, v.asset
