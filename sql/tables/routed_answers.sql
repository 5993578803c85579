-- Reward routing: whether rule or judge will reward the replies to a question, and on what evidence.
-- key: question_id
CREATE TABLE routed_answers (
  question_id VARCHAR NOT NULL,  -- The question
  answer_id VARCHAR NOT NULL,    -- The kept answer
  path_id VARCHAR NOT NULL,      -- Its reasoning path
  image_id VARCHAR NOT NULL,     -- Image asked about
  batch VARCHAR NOT NULL,        -- Growth batch
  reward VARCHAR NOT NULL,       -- 'rule', or 'model' for the judge
  rule_type VARCHAR,             -- Answer type whose rule the row had before it was given to the judge
  replies INTEGER NOT NULL,      -- Distinct replies scored
  decided INTEGER NOT NULL,      -- Replies on which rule and judge both decided
  disagreeing INTEGER NOT NULL,  -- Of those, replies on which they disagree
  reason VARCHAR NOT NULL,       -- 'descriptive', 'agreement', 'few_replies', 'not_drawn' or 'rule_and_judge_disagree'
  run_id VARCHAR NOT NULL        -- Dagster run
);
