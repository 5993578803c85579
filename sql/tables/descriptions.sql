-- Stage 1: the VLM's coarse description of an image.
-- key: description_id
-- kind: description
CREATE TABLE descriptions (
  description_id VARCHAR NOT NULL, -- Hash of image_id and text
  image_id VARCHAR NOT NULL,       -- Image described
  batch VARCHAR NOT NULL,          -- Growth batch
  text VARCHAR NOT NULL,           -- The description
  call_id VARCHAR NOT NULL,        -- Ledger key of the call
  run_id VARCHAR NOT NULL          -- Dagster run
);
