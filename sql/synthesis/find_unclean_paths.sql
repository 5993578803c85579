-- Reasoning paths that are empty or hold tags or media markers.
SELECT path_id, question_id, refined_cot
FROM reasoning_paths
WHERE batch = $batch
  AND (
    trim(refined_cot) = ''
    OR regexp_matches(refined_cot, '<\s*/?\s*(think|answer|image|video|audio)\s*/?\s*>', 'i')
  )
LIMIT 20
