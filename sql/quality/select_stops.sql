-- Rows of an asset that went no further in one batch, and why.
SELECT subject_id, verdict, reason
FROM verdicts
WHERE asset = $asset AND batch = $batch
