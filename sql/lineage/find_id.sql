-- What an id, or the beginning of one, names. Benchmark items are given as SET:item.
SELECT DISTINCT kind, id FROM (
  SELECT 'image' AS kind, image_id AS id FROM source_images WHERE starts_with(image_id, $prefix)
  UNION ALL SELECT 'image', image_id FROM source_images WHERE image_uri = $prefix
  UNION ALL SELECT 'description', description_id FROM descriptions WHERE starts_with(description_id, $prefix)
  UNION ALL SELECT 'refined description', refined_id FROM refined_descriptions WHERE starts_with(refined_id, $prefix)
  UNION ALL SELECT 'question', question_id FROM questions WHERE starts_with(question_id, $prefix)
  UNION ALL SELECT 'answer', answer_id FROM answers WHERE starts_with(answer_id, $prefix)
  UNION ALL SELECT 'reasoning path', path_id FROM reasoning_paths WHERE starts_with(path_id, $prefix)
  UNION ALL SELECT 'scored reply', reply_id FROM scored_replies WHERE starts_with(reply_id, $prefix)
  UNION ALL SELECT 'sample', sample_id FROM samples WHERE starts_with(sample_id, $prefix)
  UNION ALL SELECT 'release', release_id FROM releases WHERE starts_with(release_id, $prefix)
  UNION ALL SELECT 'policy', policy_id FROM policies WHERE starts_with(policy_id, $prefix)
  UNION ALL SELECT 'call', call_id FROM calls WHERE starts_with(call_id, $prefix)
  UNION ALL SELECT 'benchmark item', benchmark || ':' || item FROM benchmark_items WHERE benchmark || ':' || item = $prefix
  UNION ALL SELECT 'benchmark image', image_id FROM benchmark_images WHERE starts_with(image_id, $prefix)
)
ORDER BY kind, id
LIMIT 21
