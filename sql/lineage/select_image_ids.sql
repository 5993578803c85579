-- The image and question that a synthesis row belongs to; the question is NULL above the question stage.
SELECT image_id, NULL AS question_id FROM descriptions WHERE description_id = $id
UNION ALL SELECT image_id, NULL FROM refined_descriptions WHERE refined_id = $id
UNION ALL SELECT image_id, question_id FROM questions WHERE question_id = $id
UNION ALL SELECT image_id, question_id FROM answers WHERE answer_id = $id
UNION ALL SELECT image_id, question_id FROM reasoning_paths WHERE path_id = $id
UNION ALL SELECT image_id, question_id FROM scored_replies WHERE reply_id = $id
UNION ALL SELECT image_id, question_id FROM samples WHERE sample_id = $id
LIMIT 1
