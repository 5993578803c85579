-- Row accounting, one row per committed write of an asset. rows_in = continued + dropped + failed.
-- key: asset, batch
CREATE TABLE materializations (
  asset VARCHAR NOT NULL,            -- Asset key, parts joined with '/'
  batch VARCHAR NOT NULL,            -- Growth batch, or '' for an unpartitioned asset
  run_id VARCHAR NOT NULL,           -- Dagster run that committed these rows
  rows_in BIGINT NOT NULL,           -- Input rows read
  continued BIGINT NOT NULL,         -- Input rows that went on
  dropped BIGINT NOT NULL,           -- Input rows rejected by a rule, each with a row in verdicts
  failed BIGINT NOT NULL,            -- Input rows that could not be processed, each with a row in verdicts
  rows_written BIGINT NOT NULL,      -- Output rows written to the asset's tables
  seconds DOUBLE NOT NULL,           -- Wall time of the asset
  committed_at TIMESTAMPTZ NOT NULL, -- When the transaction was committed (UTC)
  details JSON                       -- Measurements of this asset that have no column of their own
);
