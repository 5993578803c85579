-- Accuracy of a policy by source on the held-out questions of the release that it learned from.
SELECT rr.source, avg(i.score) AS accuracy, count(*) AS n
FROM item_scores i
JOIN release_rows rr ON rr.sample_id = i.item
WHERE i.policy_id = $policy_id AND i.benchmark = 'heldout' AND i.score IS NOT NULL
  AND rr.release_id = $release_id AND rr.source IS NOT NULL
GROUP BY rr.source
ORDER BY rr.source
