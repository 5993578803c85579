-- The logged steps of a policy's training, in their order.
SELECT step, metrics FROM training_steps WHERE policy_id = $policy_id ORDER BY step
