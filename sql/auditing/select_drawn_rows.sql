-- The rows of a release by what an audit draws them: an id and its stratum.
SELECT sample_id, coalesce(source, '') AS source, coalesce(category, '') AS category
FROM release_rows
WHERE release_id = $release_id
ORDER BY sample_id
