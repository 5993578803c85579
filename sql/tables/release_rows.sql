-- Which samples a release holds.
-- key: release_id, sample_id
CREATE TABLE release_rows (
  release_id VARCHAR NOT NULL, -- Release
  sample_id VARCHAR NOT NULL,  -- Sample
  image_id VARCHAR NOT NULL,   -- Its image
  split VARCHAR NOT NULL,      -- 'train' or 'heldout', by image
  position BIGINT NOT NULL,    -- Place in the exported file, from 0
  run_id VARCHAR NOT NULL      -- Dagster run
);
