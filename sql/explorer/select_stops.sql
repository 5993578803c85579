-- Every row that stopped on its way to a release, with the question or else the image that it is of, where one is known.
-- A source that a growth plan takes nothing of is no row.
SELECT
  v.subject_id, v.asset, v.batch, v.verdict, v.reason, left(v.detail, 240) AS detail,
  coalesce(a.question_id, t.question_id) AS question_id, coalesce(f.image_id, i.image_id, r.image_id) AS image_id,
  coalesce(f.source, i.source, p.source) AS source
FROM verdicts v
LEFT JOIN source_images f ON f.image_uri = v.subject_id
LEFT JOIN images i ON i.image_id = v.subject_id
LEFT JOIN refined_descriptions r ON r.refined_id = v.subject_id
LEFT JOIN images p ON p.image_id = r.image_id
LEFT JOIN answers a ON a.answer_id = v.subject_id
LEFT JOIN reasoning_paths t ON t.path_id = v.subject_id
WHERE (v.batch <> '' OR v.asset = 'release') AND v.asset <> 'growth_plan'
ORDER BY v.asset, v.subject_id
