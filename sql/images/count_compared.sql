-- How much of the evaluation sets there is to compare with.
SELECT
  (SELECT count(*) FROM benchmark_images) AS images,
  (SELECT count(*) FROM benchmark_items) AS items
