-- Stage 2: the description after the reasoner's questions and the VLM's answers were merged in.
-- key: refined_id
-- kind: refined description
CREATE TABLE refined_descriptions (
  refined_id VARCHAR NOT NULL,     -- Hash of description_id and text
  description_id VARCHAR NOT NULL, -- Coarse description it began from
  image_id VARCHAR NOT NULL,       -- Image described
  batch VARCHAR NOT NULL,          -- Growth batch
  text VARCHAR NOT NULL,           -- The fine-grained description
  turns JSON NOT NULL,             -- [{question, answer, ask_call_id, answer_call_id}], in order
  call_ids VARCHAR[] NOT NULL,     -- Every call of the refinement, in order
  run_id VARCHAR NOT NULL          -- Dagster run
);
