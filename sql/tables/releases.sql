-- Versioned data sets. The id is the hash of the rows, so the same rows are the same release.
-- key: release_id
CREATE TABLE releases (
  release_id VARCHAR NOT NULL,     -- First 16 hex digits of the SHA-256 over the sorted sample ids and splits
  batches VARCHAR[] NOT NULL,      -- Growth batches whose samples could be selected
  target INTEGER NOT NULL,         -- Rows aimed at
  rows BIGINT NOT NULL,            -- Rows selected
  train_rows BIGINT NOT NULL,      -- Rows of split 'train'
  heldout_rows BIGINT NOT NULL,    -- Rows of split 'heldout'
  config JSON NOT NULL,            -- Target shares and seed, how it was made, SHA-256 of its manifest
  snapshot_id BIGINT NOT NULL,     -- Lake snapshot that was read
  path VARCHAR NOT NULL,           -- Export folder, relative to the data folder
  run_id VARCHAR NOT NULL          -- Dagster run
);
