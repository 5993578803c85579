-- Sets that a policy was asked, by name, with the number of its answers.
SELECT benchmark, count(*) AS items FROM predictions WHERE policy_id = $policy_id GROUP BY benchmark ORDER BY benchmark
