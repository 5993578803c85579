-- What an asset wrote last, with what it noted about its input.
SELECT m.details, m.rows_in, m.continued, m.dropped, m.failed, m.rows_written
FROM materializations m
WHERE m.asset = $asset AND m.batch = ''
