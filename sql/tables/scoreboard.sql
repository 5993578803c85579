-- Base against RL on every set: difference, interval of the difference and the paper's figures.
-- key: benchmark
CREATE TABLE scoreboard (
  benchmark VARCHAR NOT NULL,  -- Evaluation set, or 'heldout'
  base_id VARCHAR NOT NULL,    -- Base policy
  rl_id VARCHAR NOT NULL,      -- RL policy
  n BIGINT NOT NULL,           -- Items scored for both
  base DOUBLE,                 -- Headline number of the base policy
  rl DOUBLE,                   -- Headline number of the RL policy
  delta DOUBLE,                -- rl − base
  low DOUBLE,                  -- Lower end of the paired 95 % interval of delta
  high DOUBLE,                 -- Upper end
  significant BOOLEAN,         -- Whether the interval excludes zero
  paper_base DOUBLE,           -- Qwen2.5-VL-7B on the authors' board; NULL for sets not on it
  paper_rl DOUBLE,             -- WeThink-7B on the authors' board
  run_id VARCHAR NOT NULL      -- Dagster run
);
