-- The scoreboard with the interval of each headline number.
SELECT b.benchmark, b.n, b.base, b.rl, b.delta, b.low, b.high, b.significant,
       bs.low AS base_low, bs.high AS base_high, rs.low AS rl_low, rs.high AS rl_high,
       rs.metric, rs.scale, rs.n_set
FROM scoreboard b
LEFT JOIN scores bs ON bs.policy_id = b.base_id AND bs.benchmark = b.benchmark AND bs.main
LEFT JOIN scores rs ON rs.policy_id = b.rl_id AND rs.benchmark = b.benchmark AND rs.main
ORDER BY b.benchmark = 'heldout' DESC, b.benchmark
