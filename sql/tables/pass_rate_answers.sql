-- The sampled answers that pass rates count, each with its verdict.
-- key: policy_id, sample_id, answer
CREATE TABLE pass_rate_answers (
  policy_id VARCHAR NOT NULL,  -- Policy that answered
  sample_id VARCHAR NOT NULL,  -- Row of the release
  answer INTEGER NOT NULL,     -- Which of the row's answers, from 0
  call_id VARCHAR NOT NULL,    -- Ledger key of the call
  extracted VARCHAR,           -- Final answer found in the reply; NULL where there is none, or the call failed
  verdict VARCHAR NOT NULL,    -- correct, wrong, unparseable, hedged, error or timeout
  score DOUBLE,                -- 0–1; NULL where it could not be scored
  method VARCHAR NOT NULL,     -- 'rule', 'judge' or 'none'
  judge_call_id VARCHAR,       -- Ledger key of the judge's call, where there was one
  run_id VARCHAR NOT NULL      -- Dagster run
);
