-- Refusals that may pass, as a proxy's: calls that later runs ask again, and how often they did. A call that was answered since is in calls too.
-- key: call_id, run_id
CREATE TABLE refused_calls (
  call_id VARCHAR NOT NULL,       -- SHA-256 of role, model, parameters, schema, rendered prompt and image ids
  run_id VARCHAR NOT NULL,        -- Dagster run in which it was refused
  role VARCHAR NOT NULL,          -- vlm, reasoner, adjudicator, rewriter, judge or policy
  model VARCHAR NOT NULL,         -- Model name asked for
  endpoint VARCHAR NOT NULL,      -- Base URL of the endpoint that refused it, or of what stands before it
  prompt VARCHAR NOT NULL,        -- Name of the prompt file
  error VARCHAR NOT NULL,         -- Reason, as http_413
  detail VARCHAR,                 -- What the refusal said
  at_most DOUBLE NOT NULL,        -- The most that it may cost once it is answered, in the currency of the configured prices
  asset VARCHAR NOT NULL,         -- Asset that asked
  batch VARCHAR NOT NULL,         -- Growth batch that asked, or ''
  refused_at TIMESTAMPTZ NOT NULL -- When it was refused (UTC)
);
