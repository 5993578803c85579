-- Training rows of a release by source and by a policy's pass rate.
SELECT r.source, p.rate, count(*) AS n
FROM pass_rates p
JOIN release_rows r ON r.sample_id = p.sample_id
WHERE p.policy_id = $policy_id AND r.release_id = $release_id AND r.split = 'train'
GROUP BY r.source, p.rate
ORDER BY r.source, p.rate
