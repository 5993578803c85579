-- Stage 4: questions that are well posed (reasoner) and answerable from the image (VLM).
-- key: question_id
CREATE TABLE valid_questions (
  question_id VARCHAR NOT NULL,         -- The question
  image_id VARCHAR NOT NULL,            -- Image asked about
  batch VARCHAR NOT NULL,               -- Growth batch
  well_posed_call_id VARCHAR NOT NULL,  -- Call of the reasoner's check
  answerable_call_id VARCHAR NOT NULL,  -- Call of the VLM's check
  run_id VARCHAR NOT NULL               -- Dagster run
);
