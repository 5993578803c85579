-- Verdicts on one subject, in whichever batch: a file that never became an image has nothing else.
SELECT subject_id, asset, batch, verdict, reason, detail, related_id
FROM verdicts
WHERE (subject_id = $subject OR ends_with(subject_id, '/' || $subject)) AND batch <> ''
ORDER BY batch, asset
LIMIT 50
