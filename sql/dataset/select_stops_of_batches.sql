-- Every row that the stages of these growth batches stopped, with the reason.
SELECT asset, batch, subject_id, verdict, reason, detail, related_id
FROM verdicts
WHERE batch IN (SELECT unnest($batches::VARCHAR[]))
ORDER BY asset, batch, subject_id
