-- Composition of a release: rows and images by one column at a time, the largest first.
WITH texts AS (  -- of releases of version 0.1, which hold none of their own
  SELECT s.*
  FROM samples s
  SEMI JOIN release_rows o ON o.sample_id = s.sample_id AND o.release_id = $release_id AND o.problem IS NULL
), held AS (
  SELECT
    r.image_id, r.split, coalesce(r.source, s.source) AS source, coalesce(r.category, s.category) AS category,
    coalesce(r.answer_type, s.answer_type) AS answer_type, coalesce(r.reward, s.reward) AS reward,
    coalesce(r.batch, s.batch) AS batch, coalesce(r.licence, s.licence) AS licence
  FROM release_rows r
  LEFT JOIN texts s ON s.sample_id = r.sample_id
  WHERE r.release_id = $release_id
), long AS (
  UNPIVOT held ON split, source, category, answer_type, reward, batch, licence INTO NAME part VALUE value
)
SELECT part, value, count(*) AS rows, count(DISTINCT image_id) AS images
FROM long
GROUP BY part, value
ORDER BY part, rows DESC, value
