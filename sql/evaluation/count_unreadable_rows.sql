-- Rows of each evaluation set's file that could not be read as items; they belong to the set, so they count in its size.
SELECT
  CASE WHEN subject_id LIKE '%.tsv' THEN left(subject_id, length(subject_id) - 4) ELSE split_part(subject_id, ':', 1) END AS benchmark,
  count(*) AS rows,
  string_agg(DISTINCT reason, ', ' ORDER BY reason) AS reasons
FROM verdicts
WHERE asset = 'benchmark_items' AND verdict = 'failed'
GROUP BY 1
ORDER BY 1
