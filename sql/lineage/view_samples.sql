-- Every sample with the ids of all that it came from, from the file to its reasoning path, and the calls between them.
SELECT
  s.sample_id, s.batch, s.source, i.image_uri, s.image_id, r.description_id, q.refined_id, s.question_id, s.answer_id,
  s.path_id, d.call_id AS description_call_id, q.call_id AS question_call_id, a.call_id AS answer_call_id,
  p.call_id AS path_call_id
FROM samples s
LEFT JOIN images i ON i.image_id = s.image_id
LEFT JOIN questions q ON q.question_id = s.question_id
LEFT JOIN refined_descriptions r ON r.refined_id = q.refined_id
LEFT JOIN descriptions d ON d.description_id = r.description_id
LEFT JOIN answers a ON a.answer_id = s.answer_id
LEFT JOIN reasoning_paths p ON p.path_id = s.path_id
