-- The rows of a release in the order of its export: training rows first. `candidates` (select_release_candidates) and
-- `selected` (sample_id, split, position, cluster_id, marks) are given with the connection.
SELECT
  c.sample_id, c.batch, c.image_id, c.source, c.licence, c.problem, c.answer, c.answer_typed, c.answer_type,
  c.category, c.abilities, c.refined_cot, c.image_path, c.reward,
  s.split, s.position, s.cluster_id, s.marks
FROM selected s
JOIN candidates c ON c.sample_id = s.sample_id
ORDER BY s.split DESC, s.position
