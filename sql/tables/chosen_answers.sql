-- Stage 6: the one answer kept for a question, by agreement or by an adjudicator.
-- key: question_id
CREATE TABLE chosen_answers (
  question_id VARCHAR NOT NULL, -- The question
  answer_id VARCHAR NOT NULL,   -- The answer kept
  image_id VARCHAR NOT NULL,    -- Image asked about
  batch VARCHAR NOT NULL,       -- Growth batch
  chosen_by VARCHAR NOT NULL,   -- 'agreement', 'adjudicator' or 'adjudicator_2', where it was escalated
  call_id VARCHAR,              -- The call that decided, where one did
  run_id VARCHAR NOT NULL       -- Dagster run
);
