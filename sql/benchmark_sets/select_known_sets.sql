-- The evaluation sets that gates compare with, their versions, and since when each is missing.
SELECT benchmark, version, questions, images, missing_since
FROM contamination_sets
ORDER BY benchmark
