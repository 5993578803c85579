-- Pass rates: how many of the answers that a policy samples for a row of a release are right.
-- key: policy_id, sample_id
CREATE TABLE pass_rates (
  policy_id VARCHAR NOT NULL,  -- Policy that answered
  policy_kind VARCHAR NOT NULL,-- 'base' or 'rl'
  release_id VARCHAR NOT NULL, -- Release whose rows were asked
  sample_id VARCHAR NOT NULL,  -- Row of the release
  answers INTEGER NOT NULL,    -- Answers that were sampled
  scored INTEGER NOT NULL,     -- Of them, those with a verdict
  correct INTEGER NOT NULL,    -- Of these, the right ones
  rate DOUBLE NOT NULL,        -- correct / scored, 0–1
  low DOUBLE NOT NULL,         -- Lower end of its 95 % interval (Clopper-Pearson)
  high DOUBLE NOT NULL,        -- Upper end
  sampling JSON NOT NULL,      -- Sampling parameters; the seed is that of the first answer, the others count on
  verifier VARCHAR NOT NULL,   -- Code version of the rewards room that scored
  run_id VARCHAR NOT NULL      -- Dagster run
);
