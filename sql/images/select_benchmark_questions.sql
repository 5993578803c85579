-- Questions of all evaluation sets.
SELECT benchmark, item, question
FROM benchmark_items
ORDER BY benchmark, position
