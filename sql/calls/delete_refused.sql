-- Forget how often calls were refused, chosen by their last refusal as calls/count_refused chooses them.
DELETE FROM refused_calls
WHERE call_id IN (
  SELECT call_id
  FROM refused_calls
  GROUP BY call_id
  HAVING (len($errors::VARCHAR[]) = 0 OR list_contains($errors::VARCHAR[], max_by(error, refused_at))
          OR list_contains($errors::VARCHAR[], 'refused_repeatedly'))
     AND (len($endpoints::VARCHAR[]) = 0 OR list_contains($endpoints::VARCHAR[], max_by(endpoint, refused_at)))
     AND (len($models::VARCHAR[]) = 0 OR list_contains($models::VARCHAR[], any_value(model)))
     AND (len($roles::VARCHAR[]) = 0 OR list_contains($roles::VARCHAR[], any_value(role)))
     AND ($since::TIMESTAMPTZ IS NULL OR max(refused_at) >= $since::TIMESTAMPTZ)
     AND ($until::TIMESTAMPTZ IS NULL OR max(refused_at) < $until::TIMESTAMPTZ)
)
