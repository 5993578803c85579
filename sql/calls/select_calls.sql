-- All recorded calls, or those of one growth batch, oldest first.
SELECT *
FROM calls
WHERE ($batch = '' OR batch = $batch)
ORDER BY created_at, call_id
