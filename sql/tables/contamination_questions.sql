-- Questions of the evaluation sets as last known, for contamination gates alone; benchmark_items is what is asked.
-- key: benchmark, item
CREATE TABLE contamination_questions (
  benchmark VARCHAR NOT NULL,  -- Evaluation set
  item VARCHAR NOT NULL,       -- The index column as text
  position INTEGER NOT NULL,   -- Row number in the file, from 0
  question VARCHAR NOT NULL,   -- Question column
  run_id VARCHAR NOT NULL      -- Dagster run
);
