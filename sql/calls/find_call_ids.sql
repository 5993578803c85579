-- Which of the given ids are finished calls.
SELECT call_id
FROM calls
WHERE call_id IN (SELECT unnest($ids))
