-- Stage 5: two answers per question, by the reasoner from the description and by the VLM from the image.
-- key: answer_id
-- kind: answer
CREATE TABLE answers (
  answer_id VARCHAR NOT NULL,   -- Hash of question_id, answerer, chain and answer
  question_id VARCHAR NOT NULL, -- The question
  image_id VARCHAR NOT NULL,    -- Image asked about
  batch VARCHAR NOT NULL,       -- Growth batch
  answerer VARCHAR NOT NULL,    -- 'reasoner' or 'vlm'
  answer VARCHAR NOT NULL,      -- The final answer
  chain VARCHAR NOT NULL,       -- The chain of thought before it
  agreement VARCHAR NOT NULL,   -- 'agree', 'disagree' or 'undecided': verdict on the pair
  call_id VARCHAR NOT NULL,     -- Ledger key of the call
  run_id VARCHAR NOT NULL       -- Dagster run
);
