-- Calls that may be forgotten, by what they were and how they ended, with what bounds the cost of asking them again.
SELECT role, model, endpoint, coalesce(error, 'ok') AS kind, count(*) AS calls, sum(cost) AS paid,
       CAST(sum(strlen(messages) + 64) AS BIGINT) AS text_bytes, CAST(sum(len(image_ids)) AS BIGINT) AS images,
       CAST(max(prompt_tokens // greatest(len(image_ids), 1)) FILTER (len(image_ids) > 0) AS BIGINT) AS image_tokens,
       CAST(sum(coalesce(TRY_CAST(parameters ->> 'max_completion_tokens' AS BIGINT),
                         TRY_CAST(parameters ->> 'max_tokens' AS BIGINT), $assumed)) AS BIGINT) AS longest,
       min(created_at) AS first, max(created_at) AS last
FROM calls
WHERE (status <> 'ok' OR $replies_too)
  AND (len($errors::VARCHAR[]) = 0 OR list_contains($errors::VARCHAR[], error))
  AND (len($endpoints::VARCHAR[]) = 0 OR list_contains($endpoints::VARCHAR[], endpoint))
  AND (len($models::VARCHAR[]) = 0 OR list_contains($models::VARCHAR[], model))
  AND (len($roles::VARCHAR[]) = 0 OR list_contains($roles::VARCHAR[], role))
  AND ($since::TIMESTAMPTZ IS NULL OR created_at >= $since::TIMESTAMPTZ)
  AND ($until::TIMESTAMPTZ IS NULL OR created_at < $until::TIMESTAMPTZ)
GROUP BY role, model, endpoint, kind
ORDER BY calls DESC, role, model, endpoint, kind
