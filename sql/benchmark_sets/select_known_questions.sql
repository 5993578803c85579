-- What is known of the questions of the evaluation sets.
SELECT benchmark, item, position, question
FROM contamination_questions
