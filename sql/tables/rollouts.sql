-- Completions sampled in training with their rewards: which sample taught what.
-- key: policy_id, step, sample_id, member
CREATE TABLE rollouts (
  policy_id VARCHAR NOT NULL, -- Policy being trained
  step INTEGER NOT NULL,      -- Optimizer step
  sample_id VARCHAR NOT NULL, -- Row of the release
  member INTEGER NOT NULL,    -- Place in the row's group
  completion VARCHAR NOT NULL,-- Text sampled
  verdict VARCHAR NOT NULL,   -- Verdict of the verifier or judge
  accuracy DOUBLE,            -- 0–1; NULL where scoring failed and the rollout was left out
  format DOUBLE NOT NULL,     -- 0 or 1
  reward DOUBLE,              -- 0.7 accuracy + 0.3 format by default; NULL where left out
  run_id VARCHAR NOT NULL     -- Dagster run
);
