-- What the guards of a training run said, one row per policy and guard.
-- key: policy_id, guard
CREATE TABLE training_guards (
  policy_id VARCHAR NOT NULL, -- Policy that was trained
  guard VARCHAR NOT NULL,     -- Its name: non_finite, kl, entropy, length, format, divergence, heldout, mismatch
  strength VARCHAR NOT NULL,  -- 'stop', 'warn' or 'off', as it was set
  passed BOOLEAN,             -- NULL where it was off, or the run has not what it looks at
  step INTEGER,               -- First step that broke its bound
  value DOUBLE,               -- What it saw there; NULL where that is no number
  bound DOUBLE,               -- Its bound
  said VARCHAR NOT NULL,      -- Cause and cure; why it was not asked; empty where it passed
  run_id VARCHAR NOT NULL     -- Dagster run
);
