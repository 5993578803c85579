-- Stage 7: the chain rewritten without redundancy and contradiction.
-- key: path_id
-- kind: reasoning path
CREATE TABLE reasoning_paths (
  path_id VARCHAR NOT NULL,     -- Hash of answer_id and refined_cot
  question_id VARCHAR NOT NULL, -- The question
  answer_id VARCHAR NOT NULL,   -- The answer it leads to
  image_id VARCHAR NOT NULL,    -- Image asked about
  batch VARCHAR NOT NULL,       -- Growth batch
  refined_cot VARCHAR NOT NULL, -- The reasoning path, without tags
  call_id VARCHAR NOT NULL,     -- Ledger key of the call
  run_id VARCHAR NOT NULL       -- Dagster run
);
