-- Every row that was dropped or failed: where and why, and the image and source that it belongs to, where it has them.
SELECT
  v.asset, v.batch, v.subject_id, v.verdict, v.reason, v.detail, v.related_id,
  coalesce(q.image_id, i.image_id) AS image_id, coalesce(i.source, j.source) AS source
FROM verdicts v
LEFT JOIN questions q ON q.question_id = v.subject_id
LEFT JOIN images i ON i.image_id = v.subject_id
LEFT JOIN images j ON j.image_id = q.image_id
