-- What each trained policy scored, with the size of the release that it learned from, and the change since the one before.
-- key: policy_id, benchmark
CREATE TABLE growth_report (
  policy_id VARCHAR NOT NULL,  -- RL policy
  benchmark VARCHAR NOT NULL,  -- Evaluation set, or 'heldout'
  previous_id VARCHAR,         -- RL policy before it; NULL for the first
  release_id VARCHAR NOT NULL, -- Release that it learned from
  batches INTEGER NOT NULL,    -- Growth batches in that release
  rows BIGINT NOT NULL,        -- Rows of that release
  images BIGINT NOT NULL,      -- Images of that release
  cost DOUBLE NOT NULL,        -- What the calls of those batches have cost
  scale DOUBLE NOT NULL,       -- Largest value of the set: 100, or 1000 for OCRBench
  value DOUBLE,                -- Headline number in the set's scale
  low DOUBLE,                  -- Lower end of its 95 % interval
  high DOUBLE,                 -- Upper end
  n BIGINT NOT NULL,           -- Items that both policies have a score for
  delta DOUBLE,                -- Change since the previous policy, paired over those items
  delta_low DOUBLE,            -- Lower end of its 95 % interval
  delta_high DOUBLE,           -- Upper end
  p_holm DOUBLE,               -- Two-sided p-value after Holm's correction over the published sets
  run_id VARCHAR NOT NULL      -- Dagster run
);
