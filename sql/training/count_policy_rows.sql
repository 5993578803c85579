-- What the lake holds of a policy: its row with these weights, logged steps, rollouts.
SELECT
  (SELECT count(*) FROM policies WHERE policy_id = $policy_id AND weights_sha256 IS NOT DISTINCT FROM $weights) AS policies,
  (SELECT count(*) FROM training_steps WHERE policy_id = $policy_id) AS steps,
  (SELECT count(*) FROM rollouts WHERE policy_id = $policy_id) AS rollouts
