-- Sets that have items.
SELECT DISTINCT benchmark
FROM benchmark_items
ORDER BY benchmark
