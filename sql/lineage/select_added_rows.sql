-- Rows that stages of extensions wrote about a question, or about an image where a row names no question, each as JSON.
SELECT NULL AS kind, NULL AS id, NULL AS call_id, NULL AS content WHERE $owner_id IS NULL
-- for each added table: UNION ALL SELECT '{kind}', {id}, {call_id}, to_json(r) FROM {table} r WHERE {owner} = $owner_id
