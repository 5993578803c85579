-- What the rows of a release ask, with the batch that brought them.
WITH texts AS (  -- of releases of version 0.1, which hold none of their own
  SELECT s.sample_id, s.batch, s.problem, s.category
  FROM samples s
  SEMI JOIN release_rows o ON o.sample_id = s.sample_id AND o.release_id = $release_id AND o.problem IS NULL
)
SELECT
  r.sample_id, r.image_id, coalesce(r.batch, s.batch, '') AS batch, coalesce(r.problem, s.problem, '') AS problem,
  coalesce(r.category, s.category, '') AS category
FROM release_rows r
LEFT JOIN texts s ON s.sample_id = r.sample_id
WHERE r.release_id = $release_id
ORDER BY r.sample_id
