-- Items of the 14 evaluation sets, as VLMEvalKit's TSVs hold them.
-- key: benchmark, item
CREATE TABLE benchmark_items (
  benchmark VARCHAR NOT NULL,  -- VLMEvalKit's name of the set
  item VARCHAR NOT NULL,       -- The index column as text
  position INTEGER NOT NULL,   -- Row number in the file, from 0
  image_ids VARCHAR[] NOT NULL,-- SHA-256 of the images' bytes
  question VARCHAR NOT NULL,   -- Question column
  hint VARCHAR,                -- Hint column
  options VARCHAR[] NOT NULL,  -- Columns A, B, … in order; empty for an open question
  answer VARCHAR,              -- Answer column; NULL where the set hides it
  category VARCHAR,            -- Category column
  split VARCHAR,               -- Split column
  extra JSON NOT NULL,         -- Further columns of the file
  run_id VARCHAR NOT NULL      -- Dagster run
);
