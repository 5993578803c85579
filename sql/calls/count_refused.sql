-- Calls that were refused and never answered since, chosen by their last refusal: how it ended and in how many runs.
WITH refused AS (
  SELECT call_id, count(*) AS runs, max_by(error, refused_at) AS error, max_by(detail, refused_at) AS detail,
         max_by(endpoint, refused_at) AS endpoint, any_value(role) AS role, any_value(model) AS model,
         max_by(at_most, refused_at) AS at_most, min(refused_at) AS first, max(refused_at) AS last
  FROM refused_calls
  WHERE call_id NOT IN (SELECT call_id FROM calls WHERE call_id IN (SELECT call_id FROM refused_calls))
  GROUP BY call_id
)
SELECT role, model, endpoint, error, runs, count(*) AS calls, sum(at_most) AS at_most, max_by(detail, last) AS detail,
       min(first) AS first, max(last) AS last
FROM refused
WHERE (len($errors::VARCHAR[]) = 0 OR list_contains($errors::VARCHAR[], error)
       OR list_contains($errors::VARCHAR[], 'refused_repeatedly'))
  AND (len($endpoints::VARCHAR[]) = 0 OR list_contains($endpoints::VARCHAR[], endpoint))
  AND (len($models::VARCHAR[]) = 0 OR list_contains($models::VARCHAR[], model))
  AND (len($roles::VARCHAR[]) = 0 OR list_contains($roles::VARCHAR[], role))
  AND ($since::TIMESTAMPTZ IS NULL OR last >= $since::TIMESTAMPTZ)
  AND ($until::TIMESTAMPTZ IS NULL OR last < $until::TIMESTAMPTZ)
GROUP BY role, model, endpoint, error, runs
ORDER BY runs DESC, calls DESC, role, model, endpoint, error
