-- Calibration of judges: agreement with the known tiers; one row per judge model, prompt version and set.
-- key: model, prompt_version, set_version
CREATE TABLE judge_calibrations (
  model VARCHAR NOT NULL,          -- The judge's model
  prompt_version VARCHAR NOT NULL, -- Hash of the rubric prompt
  set_version VARCHAR NOT NULL,    -- Hash of the calibration pairs
  pairs INTEGER NOT NULL,          -- Question-reply pairs with a known tier
  scored INTEGER NOT NULL,         -- Of those, pairs for which the judge gave a clear tier
  kappa DOUBLE,                    -- Quadratic weighted kappa against the known tiers; null where it has no value
  exact DOUBLE NOT NULL,           -- Share of pairs with the known tier
  near DOUBLE NOT NULL,            -- Share of pairs at most one tier away
  too_high INTEGER NOT NULL,       -- Replies of known tier 0 that got 0.5 or more
  run_id VARCHAR NOT NULL          -- Dagster run
);
