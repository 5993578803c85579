-- What an id, or the beginning of one, names. Benchmark items are given as SET:item. A row of the synthesis brings the image
-- and question that it belongs to; the question is NULL above the question stage.
SELECT DISTINCT kind, id, image_id, question_id FROM (
  SELECT 'image' AS kind, image_id AS id, image_id, NULL AS question_id FROM source_images WHERE starts_with(image_id, $prefix)
  UNION ALL SELECT 'image', image_id, image_id, NULL FROM source_images WHERE image_uri = $prefix
  UNION ALL SELECT 'description', description_id, image_id, NULL FROM descriptions WHERE starts_with(description_id, $prefix)
  UNION ALL SELECT 'refined description', refined_id, image_id, NULL FROM refined_descriptions WHERE starts_with(refined_id, $prefix)
  UNION ALL SELECT 'question', question_id, image_id, question_id FROM questions WHERE starts_with(question_id, $prefix)
  UNION ALL SELECT 'answer', answer_id, image_id, question_id FROM answers WHERE starts_with(answer_id, $prefix)
  UNION ALL SELECT 'reasoning path', path_id, image_id, question_id FROM reasoning_paths WHERE starts_with(path_id, $prefix)
  UNION ALL SELECT 'scored reply', reply_id, image_id, question_id FROM scored_replies WHERE starts_with(reply_id, $prefix)
  UNION ALL SELECT 'sample', sample_id, image_id, question_id FROM samples WHERE starts_with(sample_id, $prefix)
  UNION ALL SELECT 'release', release_id, NULL, NULL FROM releases WHERE starts_with(release_id, $prefix)
  UNION ALL SELECT 'policy', policy_id, NULL, NULL FROM policies WHERE starts_with(policy_id, $prefix)
  UNION ALL SELECT 'call', call_id, NULL, NULL FROM calls WHERE starts_with(call_id, $prefix)
  UNION ALL SELECT 'benchmark item', benchmark || ':' || item, NULL, NULL FROM benchmark_items WHERE benchmark || ':' || item = $prefix
  UNION ALL SELECT 'benchmark image', image_id, image_id, NULL FROM benchmark_images WHERE starts_with(image_id, $prefix)
)
ORDER BY kind, id, question_id
LIMIT 21
