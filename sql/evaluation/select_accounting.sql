-- What assets wrote last, with what they noted about their input.
SELECT m.asset, m.details, m.rows_in, m.continued, m.dropped, m.failed, m.rows_written
FROM materializations m
WHERE m.batch = '' AND list_contains($assets, m.asset)
