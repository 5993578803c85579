-- Rows of a release by source and category: the strata of an audit.
SELECT coalesce(source, '') AS source, coalesce(category, '') AS category, count(*) AS rows
FROM release_rows
WHERE release_id = $release_id
GROUP BY ALL
ORDER BY ALL
