-- Rows that rest on a call.
SELECT 'description' AS kind, description_id AS id FROM descriptions WHERE call_id = $call_id
UNION ALL SELECT 'refined description', refined_id FROM refined_descriptions WHERE list_contains(call_ids, $call_id)
UNION ALL SELECT 'question', question_id FROM questions WHERE call_id = $call_id
UNION ALL SELECT 'question', question_id FROM valid_questions WHERE $call_id IN (well_posed_call_id, answerable_call_id)
UNION ALL SELECT 'answer', answer_id FROM answers WHERE call_id = $call_id
UNION ALL SELECT 'question', question_id FROM chosen_answers WHERE call_id = $call_id
UNION ALL SELECT 'reasoning path', path_id FROM reasoning_paths WHERE call_id = $call_id
UNION ALL SELECT 'scored reply', reply_id FROM scored_replies WHERE judge_call_id = $call_id
UNION ALL SELECT 'prediction', policy_id || ' ' || benchmark || ':' || item FROM predictions WHERE call_id = $call_id
UNION ALL SELECT 'judged prediction', policy_id || ' ' || benchmark || ':' || item FROM item_scores WHERE judge_call_id = $call_id
-- for each added table: UNION ALL SELECT '{kind}', {id} FROM {table} WHERE {call_id} = $call_id
