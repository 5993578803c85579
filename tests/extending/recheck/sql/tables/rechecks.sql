-- Questions that another model than the first could answer from the image, too.
-- key: look_id
-- kind: second look
CREATE TABLE rechecks (
  look_id VARCHAR NOT NULL,      -- Hash of question and reason
  question_id VARCHAR NOT NULL,  -- The question
  image_id VARCHAR NOT NULL,     -- Image looked at
  batch VARCHAR NOT NULL,        -- Growth batch
  reason VARCHAR NOT NULL,       -- What the model said of it
  call_id VARCHAR NOT NULL,      -- Ledger key of the call
  run_id VARCHAR NOT NULL        -- Dagster run
);
