-- What a person needs to judge rows of a release; releases of version 0.1 hold no texts of their own.
SELECT
  r.sample_id, r.image_id, r.split, coalesce(r.source, s.source) AS source, coalesce(r.category, s.category) AS category,
  coalesce(r.problem, s.problem) AS problem, coalesce(r.answer, s.answer) AS answer,
  coalesce(r.answer_typed, s.answer_typed) AS answer_typed, coalesce(r.refined_cot, s.refined_cot) AS refined_cot,
  coalesce(r.image_path, s.image_path) AS image_path
FROM release_rows r
LEFT JOIN samples s ON s.sample_id = r.sample_id AND r.problem IS NULL
WHERE r.release_id = $release_id AND r.sample_id IN (SELECT unnest($ids::VARCHAR[]))
