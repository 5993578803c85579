-- The rows of a release, as they were when it was made: what is trained and evaluated, whatever becomes of the samples.
-- key: release_id, sample_id
CREATE TABLE release_rows (
  release_id VARCHAR NOT NULL, -- Release
  sample_id VARCHAR NOT NULL,  -- Sample
  image_id VARCHAR NOT NULL,   -- Its image
  split VARCHAR NOT NULL,      -- 'train' or 'heldout', by cluster of images
  position BIGINT NOT NULL,    -- Place in the exported file, from 0
  run_id VARCHAR NOT NULL,     -- Dagster run
  batch VARCHAR,               -- The columns of table samples; NULL in releases of version 0.1, whose samples are read instead
  source VARCHAR,              -- As the sample's
  licence VARCHAR,             -- As the sample's
  problem VARCHAR,             -- As the sample's
  answer VARCHAR,              -- As the sample's
  answer_typed JSON,           -- As the sample's
  answer_type VARCHAR,         -- As the sample's
  category VARCHAR,            -- As the sample's
  abilities VARCHAR[],         -- As the sample's
  refined_cot VARCHAR,         -- As the sample's
  image_path VARCHAR,          -- As the sample's
  reward VARCHAR,              -- As the sample's
  cluster_id VARCHAR,          -- First image of the look-alikes and pages that share its side; NULL in rows of versions that split by image
  marks VARCHAR[]              -- What is known to be wrong with a row that a setting keeps, such as near_duplicate_question
);
