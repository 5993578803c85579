-- Answers that a model gave to a question without its image, and how many of them are right.
-- key: question_id
CREATE TABLE blind_checks (
  question_id VARCHAR NOT NULL,  -- The question
  answer_id VARCHAR NOT NULL,    -- The kept answer, which they were held against
  image_id VARCHAR NOT NULL,     -- The image that was not shown
  batch VARCHAR NOT NULL,        -- Growth batch
  role VARCHAR NOT NULL,         -- Model role that was asked
  answers INTEGER NOT NULL,      -- Answers asked for
  scored INTEGER NOT NULL,       -- Of those, answers that were given
  correct INTEGER NOT NULL,      -- Of those, right ones by the question's rule
  solvable BOOLEAN NOT NULL,     -- At least as many are right as [synthesis.blind_check] least_right asked for
  call_ids VARCHAR[] NOT NULL,   -- Ledger keys of the calls
  run_id VARCHAR NOT NULL        -- Dagster run
);
