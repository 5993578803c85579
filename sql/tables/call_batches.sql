-- Files of requests given to an endpoint's Batch API. An open one is collected by the next run.
-- key: batch_key
CREATE TABLE call_batches (
  batch_key VARCHAR NOT NULL,      -- Random; also in the metadata of the endpoint's batch, so that it is found again
  endpoint VARCHAR NOT NULL,       -- Base URL
  model VARCHAR NOT NULL,          -- Model name asked for
  remote_id VARCHAR,               -- The endpoint's id of the batch; NULL until it was told
  call_ids VARCHAR[] NOT NULL,     -- Calls in it
  state VARCHAR NOT NULL,          -- 'submitting', 'open', 'collected' or 'failed'
  detail VARCHAR,                  -- Why it failed, or how it ended
  asset VARCHAR NOT NULL,          -- Asset that asked
  batch VARCHAR NOT NULL,          -- Growth batch, or ''
  run_id VARCHAR NOT NULL,         -- Dagster run that submitted it
  created_at TIMESTAMPTZ NOT NULL  -- When it was submitted (UTC)
);
