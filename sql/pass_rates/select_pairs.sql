-- Rows that two policies sampled answers for, with what each got right.
WITH base AS (SELECT sample_id, scored, correct FROM pass_rates WHERE policy_id = $base),
rl AS (SELECT sample_id, release_id, scored, correct FROM pass_rates WHERE policy_id = $rl)
SELECT
  rl.sample_id, coalesce(r.cluster_id, r.image_id) AS cluster_id,
  base.scored AS base_scored, base.correct AS base_correct, rl.scored AS rl_scored, rl.correct AS rl_correct
FROM rl
JOIN base ON base.sample_id = rl.sample_id
JOIN release_rows r ON r.release_id = rl.release_id AND r.sample_id = rl.sample_id
ORDER BY rl.sample_id
