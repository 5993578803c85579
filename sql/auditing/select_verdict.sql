-- What a person said of a sample, all columns: to be written back as it was.
SELECT sample_id, person, release_id, verdict, note, recorded_at
FROM audit_verdicts
WHERE sample_id = $sample_id AND person = $person
