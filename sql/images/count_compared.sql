-- How much of the evaluation sets there is to compare with, and whether their asset ever read any item.
SELECT
  (SELECT count(*) FROM contamination_images) AS images,
  (SELECT count(*) FROM contamination_questions) AS items,
  (SELECT count(*) FROM materializations WHERE asset = 'benchmark_items' AND continued > 0) > 0 AS read
