-- What an id, the beginning of one, or a file's name stands for: images, and the one question where it is below one.
WITH found AS (
  SELECT 'file' AS kind, image_uri AS id, image_id, NULL AS question_id
  FROM source_images
  WHERE image_uri = $subject OR ends_with(image_uri, '/' || $subject)
  UNION ALL
  SELECT 'image', image_id, image_id, NULL FROM source_images WHERE starts_with(image_id, $subject)
  UNION ALL
  SELECT 'description', refined_id, image_id, NULL FROM refined_descriptions WHERE starts_with(refined_id, $subject)
  UNION ALL
  SELECT 'question', question_id, image_id, question_id FROM questions WHERE starts_with(question_id, $subject)
  UNION ALL
  SELECT 'answer', answer_id, image_id, question_id FROM answers WHERE starts_with(answer_id, $subject)
  UNION ALL
  SELECT 'reasoning path', path_id, image_id, question_id FROM reasoning_paths WHERE starts_with(path_id, $subject)
  UNION ALL
  SELECT 'sample', sample_id, image_id, question_id FROM samples WHERE starts_with(sample_id, $subject)
  UNION ALL
  SELECT 'released row', sample_id, image_id, NULL
  FROM release_rows
  WHERE release_id = $release_id AND starts_with(sample_id, $subject)
)
SELECT kind, id, image_id, max(question_id) AS question_id FROM found GROUP BY kind, id, image_id ORDER BY kind, id
LIMIT 50
