-- Stage 8: accepted samples in WeThink's record, with parents and the typed answer.
-- key: sample_id
-- kind: sample
CREATE TABLE samples (
  sample_id VARCHAR NOT NULL,    -- Hash of question_id, answer and refined_cot
  batch VARCHAR NOT NULL,        -- Growth batch
  image_id VARCHAR NOT NULL,     -- Image
  question_id VARCHAR NOT NULL,  -- Question
  answer_id VARCHAR NOT NULL,    -- Answer kept
  path_id VARCHAR NOT NULL,      -- Reasoning path
  source VARCHAR NOT NULL,       -- Source key
  licence VARCHAR NOT NULL,      -- Licence of the image
  problem VARCHAR NOT NULL,      -- Question as asked, with lettered options for MC
  answer VARCHAR NOT NULL,       -- Final answer; the letter for MC
  answer_typed JSON NOT NULL,    -- rewards.answers.TypedAnswer as JSON
  answer_type VARCHAR NOT NULL,  -- choice, number, quantity, …
  rule_type VARCHAR,             -- Answer type whose rule the row had, where evidence gave it to the judge
  category VARCHAR NOT NULL,     -- MC, FIB or DES
  abilities VARCHAR[] NOT NULL,  -- As the question's
  refined_cot VARCHAR NOT NULL,  -- Reasoning path
  image_path VARCHAR NOT NULL,   -- Path relative to the unzipped image root of 18 folders
  reward VARCHAR NOT NULL,       -- 'rule' for MC and FIB, 'model' for DES and where rule_type is set
  run_id VARCHAR NOT NULL        -- Dagster run
);
