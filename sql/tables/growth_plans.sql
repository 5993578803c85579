-- How many images a growth batch may take of each source, and why.
-- key: batch, source
CREATE TABLE growth_plans (
  batch VARCHAR NOT NULL,  -- Growth batch
  source VARCHAR NOT NULL, -- Source key
  policy VARCHAR NOT NULL, -- 'fixed', 'targets' or 'random', as [growth] policy was
  quota BIGINT,            -- Images that it may take; NULL for all
  wanted BIGINT NOT NULL,  -- Rows that a release of the target size would hold of this source
  samples BIGINT NOT NULL, -- Accepted samples that other batches have given
  images BIGINT NOT NULL,  -- Images that gave them: of batches whose samples were made
  yield DOUBLE NOT NULL,   -- Samples that an image is expected to give
  untaken BIGINT,          -- Images that no batch has taken; NULL where they were not counted in time
  accuracy DOUBLE,         -- Of the latest trained policy on this source's held-out questions, 0–1
  weight DOUBLE NOT NULL,  -- Share of the batch before limits
  reason VARCHAR NOT NULL, -- In words
  run_id VARCHAR NOT NULL, -- Dagster run
  rated BIGINT,            -- Training rows of it that have a pass rate of the base policy; NULL in plans of earlier versions
  learnable BIGINT         -- Of these, those that the policy answers neither always nor never
);
