-- Keep what is about to be forgotten, chosen as calls/count_forgettable counts it.
INSERT INTO forgotten_calls BY NAME
SELECT *, $at::TIMESTAMPTZ AS forgotten_at
FROM calls
WHERE (status <> 'ok' OR $replies_too)
  AND (len($errors::VARCHAR[]) = 0 OR list_contains($errors::VARCHAR[], error))
  AND (len($endpoints::VARCHAR[]) = 0 OR list_contains($endpoints::VARCHAR[], endpoint))
  AND (len($models::VARCHAR[]) = 0 OR list_contains($models::VARCHAR[], model))
  AND (len($roles::VARCHAR[]) = 0 OR list_contains($roles::VARCHAR[], role))
  AND ($since::TIMESTAMPTZ IS NULL OR created_at >= $since::TIMESTAMPTZ)
  AND ($until::TIMESTAMPTZ IS NULL OR created_at < $until::TIMESTAMPTZ)
