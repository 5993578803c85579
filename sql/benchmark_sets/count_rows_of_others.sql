-- Items that another command than the asset wrote, as `wethink evaluate` does for what it asks.
SELECT count(*) AS rows
FROM benchmark_items
WHERE starts_with(run_id, $prefix)
