-- Why any of these rows went no further.
SELECT subject_id, asset, batch, verdict, reason, detail, related_id
FROM verdicts
WHERE subject_id IN (SELECT unnest($ids))
ORDER BY asset, subject_id
