-- What people said of samples, whichever release they were drawn from.
SELECT sample_id, person, verdict, note, recorded_at
FROM audit_verdicts
ORDER BY sample_id, person
