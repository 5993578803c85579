-- Answers that another model gave to a question with its image, and how many of them agree with the kept one.
-- key: question_id
CREATE TABLE second_looks (
  question_id VARCHAR NOT NULL,  -- The question
  answer_id VARCHAR NOT NULL,    -- The kept answer, which the model was not shown
  image_id VARCHAR NOT NULL,     -- The image that was looked at
  batch VARCHAR NOT NULL,        -- Growth batch
  role VARCHAR NOT NULL,         -- Model role that was asked
  answers INTEGER NOT NULL,      -- Answers asked for
  scored INTEGER NOT NULL,       -- Of those, answers that were given
  agreeing INTEGER NOT NULL,     -- Of those, answers that agree with the kept one by the question's rule
  confirmed BOOLEAN NOT NULL,    -- At least as many agree as [synthesis.second_look] least_agreeing asked for
  call_ids VARCHAR[] NOT NULL,   -- Ledger keys of the calls
  run_id VARCHAR NOT NULL        -- Dagster run
);
