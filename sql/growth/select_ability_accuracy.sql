-- Accuracy of a policy by ability on the held-out questions of the release that it learned from.
SELECT ability, avg(score) AS accuracy, count(*) AS n
FROM (
  SELECT unnest(rr.abilities) AS ability, i.score
  FROM item_scores i
  JOIN release_rows rr ON rr.sample_id = i.item
  WHERE i.policy_id = $policy_id AND i.benchmark = 'heldout' AND i.score IS NOT NULL AND rr.release_id = $release_id
)
GROUP BY ability
ORDER BY ability
