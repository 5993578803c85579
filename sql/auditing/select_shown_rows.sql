-- What a person needs to judge rows of a release.
WITH texts AS (  -- of releases of version 0.1, which hold none of their own
  SELECT s.*
  FROM samples s
  SEMI JOIN release_rows o ON o.sample_id = s.sample_id AND o.release_id = $release_id AND o.problem IS NULL
)
SELECT
  r.sample_id, r.image_id, r.split, coalesce(r.source, s.source) AS source, coalesce(r.category, s.category) AS category,
  coalesce(r.problem, s.problem) AS problem, coalesce(r.answer, s.answer) AS answer,
  coalesce(r.answer_typed, s.answer_typed) AS answer_typed, coalesce(r.refined_cot, s.refined_cot) AS refined_cot,
  coalesce(r.image_path, s.image_path) AS image_path
FROM release_rows r
LEFT JOIN texts s ON s.sample_id = r.sample_id
WHERE r.release_id = $release_id AND r.sample_id IN (SELECT unnest($ids::VARCHAR[]))
