-- Released rows that stand in no table of samples: those of imported releases, and of batches that were made again.
SELECT
  r.sample_id, any_value(r.image_id) AS image_id, any_value(r.batch) AS batch, any_value(r.source) AS source,
  any_value(r.category) AS category, any_value(r.abilities) AS abilities, any_value(left(r.problem, 240)) AS question,
  any_value(left(r.answer, 80)) AS answer, any_value(r.answer_type) AS answer_type, any_value(r.reward) AS reward
FROM release_rows r
ANTI JOIN samples s ON s.sample_id = r.sample_id
GROUP BY r.sample_id
ORDER BY image_id, r.sample_id
