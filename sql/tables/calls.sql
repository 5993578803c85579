-- The call ledger: one row per distinct model request, ever. A finished call is never paid for again.
-- key: call_id
CREATE TABLE calls (
  call_id VARCHAR NOT NULL,        -- SHA-256 of role, model, parameters, schema, rendered prompt and image ids
  role VARCHAR NOT NULL,           -- vlm, reasoner, adjudicator, adjudicator_2, rewriter, judge or policy
  model VARCHAR NOT NULL,          -- Model name asked for
  served_model VARCHAR,            -- Model name that the endpoint reported
  endpoint VARCHAR,                -- Base URL of the endpoint that answered
  prompt VARCHAR NOT NULL,         -- Name of the prompt file
  prompt_version VARCHAR NOT NULL, -- First 12 hex digits of the prompt file's SHA-256
  messages JSON NOT NULL,          -- The rendered messages; images stand as {"image_id": …}, with max_side where they were scaled down
  image_ids VARCHAR[] NOT NULL,    -- Images sent, in order
  images_sent VARCHAR[],           -- SHA-256 of the bytes that were sent for them: the ids, or of the upright RGB copy or what scaling down gave
  parameters JSON NOT NULL,        -- Sampling parameters
  status VARCHAR NOT NULL,         -- 'ok', or 'failed' for what retrying cannot cure (refusal, invalid reply after repair)
  reply VARCHAR,                   -- Text of the reply
  reasoning VARCHAR,               -- Reasoning content, where the endpoint returns it apart
  parsed JSON,                     -- The reply as the schema's object, where one was asked for
  finish_reason VARCHAR,           -- As the endpoint gave it
  error VARCHAR,                   -- Reason of a failed call
  first_problem VARCHAR,           -- What was wrong with the first reply, where a repair was asked for: invalid_reply or empty
  detail VARCHAR,                  -- What exactly was wrong with a failed call, for people
  attempts INTEGER NOT NULL,       -- HTTP requests sent for it
  prompt_tokens BIGINT,            -- As the endpoint counted
  completion_tokens BIGINT,        -- As the endpoint counted
  tokens_estimated BOOLEAN,        -- The endpoint reported no usage: four bytes of text a token
  cost DOUBLE NOT NULL,            -- In the currency of the configured prices
  latency_ms DOUBLE NOT NULL,      -- Of the last attempt
  asset VARCHAR NOT NULL,          -- Asset that paid for it first
  batch VARCHAR NOT NULL,          -- Growth batch that paid for it first, or ''
  run_id VARCHAR NOT NULL,         -- Dagster run that paid for it first
  created_at TIMESTAMPTZ NOT NULL  -- When the reply was complete (UTC)
);
