-- By source: training rows with a pass rate of a policy, and those of them that it answers neither always nor never.
SELECT
  r.source, count(*) AS rated, count(*) FILTER (WHERE p.correct > 0 AND p.correct < p.scored) AS learnable
FROM pass_rates p
JOIN release_rows r ON r.sample_id = p.sample_id AND r.release_id = p.release_id
WHERE p.policy_id = $policy_id AND r.split = 'train' AND r.source IS NOT NULL
GROUP BY r.source
ORDER BY r.source
