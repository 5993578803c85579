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
  p DOUBLE,                    -- Two-sided p-value of delta: randomisation test that swaps the policies within clusters
  p_holm DOUBLE,               -- The same after Holm's correction over the published sets on the board
  detectable DOUBLE,           -- Smallest true change that such a test finds in four of five repetitions
  clean_delta DOUBLE,          -- delta without items that a source holds too
  vlmevalkit_base DOUBLE,      -- Base policy by VLMEvalKit's rules
  vlmevalkit_rl DOUBLE,        -- RL policy by VLMEvalKit's rules
  run_id VARCHAR NOT NULL      -- Dagster run
);
