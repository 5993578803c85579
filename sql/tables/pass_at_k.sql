-- pass@k: the chance that one of k sampled answers of a policy is right, over a release and its parts.
-- key: policy_id, part, name, k
CREATE TABLE pass_at_k (
  policy_id VARCHAR NOT NULL,  -- Policy that answered
  part VARCHAR NOT NULL,       -- 'all', 'split', 'source' or 'category'
  name VARCHAR NOT NULL,       -- Which of them; '' of 'all'
  k INTEGER NOT NULL,          -- Answers of which one has to be right
  rows INTEGER NOT NULL,       -- Rows with at least k scored answers
  value DOUBLE NOT NULL,       -- Mean over rows of the unbiased estimate, 0–1
  low DOUBLE,                  -- Lower end of its 95 % interval, by cluster of images; NULL of a single cluster
  high DOUBLE,                 -- Upper end
  run_id VARCHAR NOT NULL      -- Dagster run
);
