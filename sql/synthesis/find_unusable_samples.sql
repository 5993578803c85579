-- Samples that no trainer should see: empty or marked texts, a wrong reward, an image that is not in the pool.
SELECT s.sample_id, s.problem, s.answer, s.refined_cot
FROM samples s
LEFT JOIN images i ON i.image_id = s.image_id AND i.image_uri = s.image_path
WHERE s.batch = $batch
  AND (
    trim(s.problem) = '' OR trim(s.answer) = '' OR trim(s.refined_cot) = ''
    OR regexp_matches(
      s.problem || ' ' || s.answer || ' ' || s.refined_cot, '<\s*/?\s*(think|answer|image|video|audio)\s*/?\s*>', 'i'
    )
    OR i.image_id IS NULL
    OR s.reward <> CASE WHEN s.category = 'DES' OR s.rule_type IS NOT NULL THEN 'model' ELSE 'rule' END
  )
LIMIT 20
