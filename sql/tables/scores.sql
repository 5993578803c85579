-- One number a policy and evaluation set, with its interval.
-- key: policy_id, benchmark, metric
CREATE TABLE scores (
  policy_id VARCHAR NOT NULL,   -- Policy
  policy_kind VARCHAR NOT NULL, -- 'base' or 'rl'
  benchmark VARCHAR NOT NULL,   -- Evaluation set, or 'heldout'
  metric VARCHAR NOT NULL,      -- Name of the number
  main BOOLEAN NOT NULL,        -- Whether it is the set's headline number
  value DOUBLE,                 -- In the set's scale; NULL where the gold is hidden
  low DOUBLE,                   -- Lower end of the 95 % interval
  high DOUBLE,                  -- Upper end of the 95 % interval
  scale DOUBLE NOT NULL,        -- Largest value: 100, or 1000 for OCRBench
  n BIGINT NOT NULL,            -- Items scored
  n_set BIGINT NOT NULL,        -- Items in the set
  n_failed BIGINT NOT NULL,     -- Items whose call or scoring failed
  breakdown JSON NOT NULL,      -- {category: {n, value}}
  run_id VARCHAR NOT NULL       -- Dagster run
);
