-- Stage 3: questions generated with ability synergy: reasoning plus at least one further ability.
-- key: question_id
-- kind: question
CREATE TABLE questions (
  question_id VARCHAR NOT NULL,    -- Hash of refined_id, question text and options
  image_id VARCHAR NOT NULL,       -- Image asked about
  refined_id VARCHAR NOT NULL,     -- Description it was generated from
  batch VARCHAR NOT NULL,          -- Growth batch
  position INTEGER NOT NULL,       -- Place in the reply, from 0
  question VARCHAR NOT NULL,       -- The question, without its options
  category VARCHAR NOT NULL,       -- MC, FIB or DES
  options VARCHAR[] NOT NULL,      -- Option texts in order A, B, …; empty unless MC
  abilities VARCHAR[] NOT NULL,    -- 'reasoning' and at least one of recognition, ocr, knowledge, spatial, math
  call_id VARCHAR NOT NULL,        -- Ledger key of the call
  run_id VARCHAR NOT NULL          -- Dagster run
);
