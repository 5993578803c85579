-- Every accepted sample of all growth batches, with the order of its batch, the snapshot that the first release with it
-- was made from (of those with this seed; NULL where none held it), the share of its answers that a policy got right (NULL
-- where it was not asked) and the columns of the export. What was released first comes first, so that it keeps what a
-- batch that is filled later repeats; then the earlier batch.
WITH released AS (
  SELECT rr.sample_id, min(r.snapshot_id) AS first_released
  FROM release_rows rr
  JOIN releases r ON r.release_id = rr.release_id
  WHERE TRY_CAST(r.config ->> '$.seed' AS BIGINT) = $seed
  GROUP BY rr.sample_id
)
SELECT
  s.sample_id, s.batch, s.image_id, s.source, s.licence, s.problem, s.answer, s.answer_typed, s.answer_type,
  s.category, s.abilities, s.refined_cot, s.image_path, s.reward,
  coalesce(g.position, 2147483647) AS batch_order,
  released.first_released,
  p.rate AS pass_rate,
  coalesce(b.solvable, false) AS solvable_blind,
  coalesce(NOT t.confirmed, false) AS not_confirmed
FROM samples s
LEFT JOIN growth_batches g ON g.batch = s.batch
LEFT JOIN blind_checks b ON b.question_id = s.question_id
LEFT JOIN second_looks t ON t.question_id = s.question_id
LEFT JOIN pass_rates p ON p.sample_id = s.sample_id AND p.policy_id = $policy_id
LEFT JOIN released ON released.sample_id = s.sample_id
ORDER BY released.first_released NULLS LAST, batch_order, s.sample_id
