-- Calls that a run took from the ledger instead of paying for them.
-- key: run_id, asset, batch
CREATE TABLE call_reuse (
  run_id VARCHAR NOT NULL,   -- Dagster run
  asset VARCHAR NOT NULL,    -- Asset that asked
  batch VARCHAR NOT NULL,    -- Growth batch, or ''
  asked BIGINT NOT NULL,     -- Requests of the asset
  paid BIGINT NOT NULL,      -- Requests that reached an endpoint
  reused BIGINT NOT NULL,    -- Requests answered by the ledger
  saved DOUBLE NOT NULL      -- Cost of the reused calls when they were paid
);
