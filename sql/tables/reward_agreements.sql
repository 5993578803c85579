-- Agreement of rule and judge on the replies of a batch, by category and source.
-- key: batch, category, source
CREATE TABLE reward_agreements (
  batch VARCHAR NOT NULL,        -- Growth batch
  category VARCHAR NOT NULL,     -- MC or FIB
  source VARCHAR NOT NULL,       -- Source of the images
  rows INTEGER NOT NULL,         -- Rule rows whose replies were scored
  replies INTEGER NOT NULL,      -- Their distinct replies
  decided INTEGER NOT NULL,      -- Of those, replies on which both decided
  agreeing INTEGER NOT NULL,     -- Of those, replies that both call right or both do not
  rule_correct INTEGER NOT NULL, -- Decided replies that the rule calls correct
  judge_correct INTEGER NOT NULL, -- Decided replies that the judge calls right (a tier of 0.75 or more)
  agreement DOUBLE,              -- agreeing / decided; null where nothing was decided
  kappa DOUBLE,                  -- Cohen's kappa of the two; null where it has no value
  run_id VARCHAR NOT NULL        -- Dagster run
);
