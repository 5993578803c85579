-- Every accepted sample of all growth batches, with the order of its batch and the columns of the export: the earlier
-- batch first, so that it keeps what a later one repeats.
SELECT
  s.sample_id, s.batch, s.image_id, s.source, s.licence, s.problem, s.answer, s.answer_typed, s.answer_type,
  s.category, s.abilities, s.refined_cot, s.image_path, s.reward,
  coalesce(g.position, 2147483647) AS batch_order
FROM samples s
LEFT JOIN growth_batches g ON g.batch = s.batch
ORDER BY batch_order, s.sample_id
