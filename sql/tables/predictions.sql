-- Predictions: a policy's reply per item, and how it was scored. Set 'heldout' holds the release's held-out samples.
-- key: policy_id, benchmark, item
CREATE TABLE predictions (
  policy_id VARCHAR NOT NULL,  -- Policy
  policy_kind VARCHAR NOT NULL,-- 'base', 'sft', 'rl' or 'external'
  benchmark VARCHAR NOT NULL,  -- Evaluation set, or 'heldout'
  item VARCHAR NOT NULL,       -- Item, or the sample id
  call_id VARCHAR NOT NULL,    -- Ledger key of the call
  prompt VARCHAR NOT NULL,     -- Text asked
  reply VARCHAR,               -- Text answered; NULL where the call failed
  run_id VARCHAR NOT NULL      -- Dagster run
);
