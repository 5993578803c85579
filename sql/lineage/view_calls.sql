-- Every row that rests on a model call: the call, what the row is, its id, and the image that it belongs to.
SELECT call_id, 'description' AS kind, description_id AS id, image_id FROM descriptions
UNION ALL SELECT unnest(call_ids), 'refined description', refined_id, image_id FROM refined_descriptions
UNION ALL SELECT call_id, 'question', question_id, image_id FROM questions
UNION ALL SELECT call_id, 'answer', answer_id, image_id FROM answers
UNION ALL SELECT call_id, 'chosen answer', answer_id, image_id FROM chosen_answers WHERE call_id IS NOT NULL
UNION ALL SELECT call_id, 'reasoning path', path_id, image_id FROM reasoning_paths
UNION ALL SELECT call_id, 'prediction of ' || policy_id, benchmark || ':' || item, NULL FROM predictions
