-- The scoreboard as it was committed last: one row per set.
SELECT benchmark, base_id, rl_id, n, delta, significant, p_holm
FROM scoreboard
ORDER BY benchmark
