-- The rows of a release with the columns of the export, in its order.
SELECT
  r.split, r.position,
  s.sample_id, s.batch, s.image_id, s.source, s.licence, s.problem, s.answer, s.answer_typed, s.answer_type,
  s.category, s.abilities, s.refined_cot, s.image_path, s.reward
FROM release_rows r
JOIN samples s ON s.sample_id = r.sample_id
WHERE r.release_id = $release_id
ORDER BY r.split DESC, r.position
