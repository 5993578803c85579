-- Benchmark items that show these very bytes.
SELECT benchmark, item, question FROM benchmark_items WHERE list_contains(image_ids, $image_id) ORDER BY benchmark, position
