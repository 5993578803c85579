-- The rows of a release that a policy may learn from, in the order of the export.
SELECT
  s.sample_id, s.image_id, s.image_path, s.source, s.batch, s.problem, s.answer, s.answer_typed, s.answer_type,
  s.category, s.abilities, s.refined_cot, s.reward, r.position
FROM release_rows r
JOIN samples s ON s.sample_id = r.sample_id
WHERE r.release_id = $release_id AND r.split = 'train'
ORDER BY r.position
