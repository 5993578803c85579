-- Stage 6: the one answer kept for a question, by agreement or by the adjudicator.
-- key: question_id
CREATE TABLE chosen_answers (
  question_id VARCHAR NOT NULL, -- The question
  answer_id VARCHAR NOT NULL,   -- The answer kept
  image_id VARCHAR NOT NULL,    -- Image asked about
  batch VARCHAR NOT NULL,       -- Growth batch
  chosen_by VARCHAR NOT NULL,   -- 'agreement' or 'adjudicator'
  call_id VARCHAR,              -- The adjudicator's call, where there was one
  run_id VARCHAR NOT NULL       -- Dagster run
);
