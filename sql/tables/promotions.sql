-- Verdicts on RL policies by the held-out rows: one that is below its base is stored and not promoted.
-- key: policy_id
CREATE TABLE promotions (
  policy_id VARCHAR NOT NULL,  -- RL policy
  base_id VARCHAR NOT NULL,    -- Policy that it was compared with: its base
  release_id VARCHAR,          -- Release whose held-out rows both answered
  promoted BOOLEAN NOT NULL,   -- Whether it is at least as good on them
  n BIGINT NOT NULL,           -- Held-out rows with a score for both
  base DOUBLE,                 -- Accuracy of the base in percent
  rl DOUBLE,                   -- Accuracy of the policy
  delta DOUBLE,                -- rl − base
  low DOUBLE,                  -- Lower end of the paired 95 % interval of delta
  high DOUBLE,                 -- Upper end
  why VARCHAR NOT NULL,        -- The verdict in words
  run_id VARCHAR NOT NULL      -- Dagster run
);
