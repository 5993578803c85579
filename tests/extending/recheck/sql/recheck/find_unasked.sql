-- Second looks at questions that never were valid, or by the call that checked them first.
SELECT l.question_id, l.call_id
FROM rechecks l
LEFT JOIN valid_questions v ON v.question_id = l.question_id AND v.batch = $batch
WHERE l.batch = $batch AND (v.question_id IS NULL OR l.call_id = v.answerable_call_id)
LIMIT 20
