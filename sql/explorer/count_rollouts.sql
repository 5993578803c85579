-- Rollouts of each sample over all trainings, and how many of them were right.
SELECT sample_id, count(*) AS rollouts, count(*) FILTER (accuracy >= 0.999) AS right_ones
FROM rollouts
GROUP BY sample_id
