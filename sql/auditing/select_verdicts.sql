-- What people said of the rows of a release, whichever release they were drawn from.
SELECT v.sample_id, v.person, v.verdict, v.note, v.recorded_at, r.source, r.category, r.split
FROM audit_verdicts v
JOIN release_rows r ON r.sample_id = v.sample_id AND r.release_id = $release_id
ORDER BY v.sample_id, v.person
