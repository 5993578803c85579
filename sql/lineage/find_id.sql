-- What an id, or the beginning of one, names. Benchmark items are given as SET:item. A row of the synthesis brings the image
-- and question that it belongs to; the question is NULL above the question stage.
SELECT DISTINCT kind, id, image_id, question_id FROM (
  SELECT 'image' AS kind, image_id AS id, image_id, NULL AS question_id FROM source_images WHERE starts_with(image_id, $prefix)
  UNION ALL SELECT 'image', image_id, image_id, NULL FROM source_images WHERE image_uri = $prefix
-- for each table with a kind: UNION ALL SELECT '{kind}', {id}, image_id, {question_id} FROM {table} WHERE starts_with({id}, $prefix)
  UNION ALL SELECT 'release', release_id, NULL, NULL FROM releases WHERE starts_with(release_id, $prefix)
  UNION ALL SELECT 'policy', policy_id, NULL, NULL FROM policies WHERE starts_with(policy_id, $prefix)
  UNION ALL SELECT 'call', call_id, NULL, NULL FROM calls WHERE starts_with(call_id, $prefix)
  UNION ALL SELECT 'benchmark item', benchmark || ':' || item, NULL, NULL FROM benchmark_items WHERE benchmark || ':' || item = $prefix
  UNION ALL SELECT 'benchmark image', image_id, image_id, NULL FROM benchmark_images WHERE starts_with(image_id, $prefix)
)
ORDER BY kind, id, question_id
LIMIT 21
