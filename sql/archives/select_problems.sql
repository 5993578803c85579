-- Archives that are broken or hold members that are refused.
SELECT path, problem, 0 AS refused, '' AS detail FROM archives WHERE problem <> ''
UNION ALL
SELECT a.path, '' AS problem, count(*) AS refused, min(m.detail) AS detail
FROM members m JOIN archives a ON a.id = m.archive
WHERE m.reason IS NOT NULL
GROUP BY a.path
ORDER BY path
