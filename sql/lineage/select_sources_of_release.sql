-- How many samples of a release are from each source.
WITH texts AS (  -- of releases of version 0.1, which hold none of their own
  SELECT s.*
  FROM samples s
  SEMI JOIN release_rows o ON o.sample_id = s.sample_id AND o.release_id = $release_id AND o.source IS NULL
)
SELECT coalesce(r.source, s.source) AS source, count(*) AS samples
FROM release_rows r
LEFT JOIN texts s ON s.sample_id = r.sample_id
WHERE r.release_id = $release_id
GROUP BY ALL
ORDER BY samples DESC, source
