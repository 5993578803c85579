-- What each policy learned from a sample.
SELECT policy_id, count(*) AS rollouts, avg(reward) AS mean_reward, avg(accuracy) AS mean_accuracy,
       min(step) AS first_step, max(step) AS last_step
FROM rollouts
WHERE sample_id = $sample_id
GROUP BY policy_id
ORDER BY policy_id
