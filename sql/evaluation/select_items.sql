-- All items of the evaluation sets, in the order of their files.
SELECT benchmark, item, position, image_ids, question, hint, options, answer, category, split, extra
FROM benchmark_items
ORDER BY benchmark, position
