-- How many samples of a release are from each source.
SELECT s.source, count(*) AS samples
FROM release_rows r
JOIN samples s ON s.sample_id = r.sample_id
WHERE r.release_id = $release_id
GROUP BY s.source
ORDER BY samples DESC, s.source
