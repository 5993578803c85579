-- Policies: base checkpoints and those trained from them.
-- key: policy_id
CREATE TABLE policies (
  policy_id VARCHAR NOT NULL,  -- Kind and the first 12 hex digits of the hash of what decides it, such as 'rl-0a1b2c3d4e5f'
  kind VARCHAR NOT NULL,       -- 'base', 'sft', 'rl', or 'external' where `wethink evaluate` asked an endpoint
  parent_id VARCHAR,           -- Policy that training began from
  release_id VARCHAR,          -- Data set that it learned from
  path VARCHAR NOT NULL,       -- Checkpoint folder, relative to the data folder, or a hub name
  weights_sha256 VARCHAR,      -- SHA-256 of the weights
  config JSON NOT NULL,        -- All settings that decide it
  snapshot_id BIGINT,          -- Lake snapshot that was read
  seconds DOUBLE NOT NULL,     -- Wall time of the training
  run_id VARCHAR NOT NULL      -- Dagster run
);
