-- Questions of all evaluation sets as last known.
SELECT benchmark, item, question
FROM contamination_questions
ORDER BY benchmark, position, item
