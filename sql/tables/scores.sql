-- Scores: one row per policy, evaluation set and metric, with its confidence interval.
-- key: policy_id, benchmark, metric
CREATE TABLE scores (
  policy_id VARCHAR NOT NULL,   -- Policy
  policy_kind VARCHAR NOT NULL, -- 'base', 'sft', 'rl' or 'external'
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
  breakdown JSON NOT NULL,      -- {dimension: {category: {n, value}}}
  name VARCHAR,                 -- Metric as it is shown: says so where it stands on fewer items than the set has, or on rules alone
  scorer VARCHAR,               -- 'strict' (ours), or 'vlmevalkit' and 'vlmevalkit_2026_11' (its rules and defects, by version)
  rules_only BOOLEAN,           -- Whether no judge was asked
  n_unparsed BIGINT,            -- Items in whose reply no single answer was found
  n_judged BIGINT,              -- Items that the judge decided, or that only one could have decided
  bound_low DOUBLE,             -- Value if all of those were wrong
  bound_high DOUBLE,            -- Value if all of those were right
  n_contaminated BIGINT,        -- Items whose image or question was found in a source
  clean_value DOUBLE,           -- Value without them
  clean_low DOUBLE,             -- Lower end of its 95 % interval
  clean_high DOUBLE,            -- Upper end of its 95 % interval
  notes VARCHAR,                -- Version of VLMEvalKit's rules; golds that the scorer cannot score as meant, with their number
  run_id VARCHAR NOT NULL       -- Dagster run
);
