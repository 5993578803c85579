-- Which abilities the questions of a growth batch are to ask for, and why.
-- key: batch, ability
CREATE TABLE growth_abilities (
  batch VARCHAR NOT NULL,    -- Growth batch
  ability VARCHAR NOT NULL,  -- One of recognition, ocr, knowledge, spatial, math
  policy VARCHAR NOT NULL,   -- 'fixed', 'targets' or 'random', as [growth] policy was
  asked BOOLEAN NOT NULL,    -- Whether the batch's questions ask for it
  aim DOUBLE NOT NULL,       -- Share of all tags that it is to have, 0–1; a sample has a tag for each of its abilities
  share DOUBLE NOT NULL,     -- Share that it has, 0–1
  samples BIGINT NOT NULL,   -- Accepted samples with it, of other batches whose samples were made
  proposed BIGINT NOT NULL,  -- Questions with it in these batches
  gives DOUBLE NOT NULL,     -- Samples that a question with it is expected to give
  rated BIGINT NOT NULL,     -- Training rows with it that have a pass rate of the base policy
  learnable BIGINT NOT NULL, -- Of these, those that the policy answers neither always nor never
  accuracy DOUBLE,           -- Of the latest trained policy on held-out questions with it, 0–1
  answers BIGINT NOT NULL,   -- How many these questions are
  weight DOUBLE NOT NULL,    -- How far it is behind its aim, 0–1; 0 where the gates let hardly anything pass
  reason VARCHAR NOT NULL,   -- In words
  run_id VARCHAR NOT NULL    -- Dagster run
);
