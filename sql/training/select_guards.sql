-- What the guards said of a policy's training, in the order of their names.
SELECT guard, strength, passed, step, value, bound, said FROM training_guards WHERE policy_id = $policy_id ORDER BY guard
