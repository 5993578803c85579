-- The rows of a release as it holds them, with the columns of the export, in its order.
WITH texts AS (  -- of releases of version 0.1, which hold none of their own
  SELECT s.*
  FROM samples s
  SEMI JOIN release_rows o ON o.sample_id = s.sample_id AND o.release_id = $release_id AND o.problem IS NULL
)
SELECT
  r.split, r.position, r.sample_id, r.image_id,
  coalesce(r.image_path, s.image_path) AS image_path, coalesce(r.source, s.source) AS source, coalesce(r.batch,
  s.batch) AS batch, coalesce(r.licence, s.licence) AS licence, coalesce(r.problem, s.problem) AS problem,
  coalesce(r.answer, s.answer) AS answer, coalesce(r.answer_typed, s.answer_typed) AS answer_typed,
  coalesce(r.answer_type, s.answer_type) AS answer_type, coalesce(r.category, s.category) AS category,
  coalesce(r.abilities, s.abilities) AS abilities, coalesce(r.refined_cot, s.refined_cot) AS refined_cot,
  coalesce(r.reward, s.reward) AS reward, r.cluster_id, coalesce(r.marks, []) AS marks
FROM release_rows r
LEFT JOIN texts s ON s.sample_id = r.sample_id
WHERE r.release_id = $release_id
ORDER BY r.split DESC, r.position
