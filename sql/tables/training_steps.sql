-- Metrics of a training run, one row per logged step.
-- key: policy_id, step
CREATE TABLE training_steps (
  policy_id VARCHAR NOT NULL, -- Policy being trained
  step INTEGER NOT NULL,      -- Optimizer step
  metrics JSON NOT NULL,      -- As the trainer logged them: loss, reward, rewards/<name>/mean, kl, entropy, lengths, …
  run_id VARCHAR NOT NULL     -- Dagster run
);
