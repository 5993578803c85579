-- What a person said of a sample, taken back.
DELETE FROM audit_verdicts
WHERE sample_id = $sample_id AND person = $person
