SELECT run_id FROM materializations ORDER BY committed_at DESC LIMIT 1
