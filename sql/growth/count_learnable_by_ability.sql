-- By ability: training rows with a pass rate of a policy, and those of them that it answers neither always nor never.
SELECT ability, count(*) AS rated, count(*) FILTER (WHERE correct > 0 AND correct < scored) AS learnable
FROM (
  SELECT unnest(r.abilities) AS ability, p.correct, p.scored
  FROM pass_rates p
  JOIN release_rows r ON r.sample_id = p.sample_id AND r.release_id = p.release_id
  WHERE p.policy_id = $policy_id AND r.split = 'train'
)
GROUP BY ability
ORDER BY ability
