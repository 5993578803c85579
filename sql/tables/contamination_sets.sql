-- The evaluation sets that gates hold images and questions against: every one that was ever read and is not dismissed.
-- key: benchmark
CREATE TABLE contamination_sets (
  benchmark VARCHAR NOT NULL,  -- VLMEvalKit's name of the set
  version VARCHAR NOT NULL,    -- First 16 hex digits of the SHA-256 over its questions and hashes
  questions BIGINT NOT NULL,   -- Rows of contamination_questions
  images BIGINT NOT NULL,      -- Rows of contamination_images
  missing_since TIMESTAMPTZ,   -- When it was first looked for and had no item (UTC); NULL where it is there
  run_id VARCHAR NOT NULL      -- Dagster run
);
