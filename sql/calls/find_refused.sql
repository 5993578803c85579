-- In how many runs each of the given calls was refused, and how the last time.
SELECT call_id, count(*) AS runs, max_by(error, refused_at) AS error, max_by(detail, refused_at) AS detail
FROM refused_calls
WHERE call_id IN (SELECT unnest($ids))
GROUP BY call_id
