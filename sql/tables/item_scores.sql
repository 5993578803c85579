-- Verdict on each prediction by our strict scorer, and beside it by VLMEvalKit's rules.
-- key: policy_id, benchmark, item
CREATE TABLE item_scores (
  policy_id VARCHAR NOT NULL,  -- Policy
  benchmark VARCHAR NOT NULL,  -- Evaluation set, or 'heldout'
  item VARCHAR NOT NULL,       -- Item, or the sample id
  extracted VARCHAR,           -- Final answer found in the reply
  verdict VARCHAR NOT NULL,    -- correct, wrong, unparseable, hedged, error, timeout, or hidden where the set keeps its gold
  score DOUBLE,                -- 0–1, in the set's own metric; NULL where it could not be scored
  method VARCHAR NOT NULL,     -- 'rule', 'judge', or 'none' where only a judge could decide and none was asked
  judge_call_id VARCHAR,       -- Ledger key of the judge's call, where there was one
  vlmevalkit_extracted VARCHAR,-- What VLMEvalKit's rule read in the reply
  vlmevalkit_score DOUBLE,     -- 0–1 by VLMEvalKit's rule; NULL where it gives none
  vlmevalkit_method VARCHAR,   -- As method, of VLMEvalKit's rule
  vlmevalkit_judge_call_id VARCHAR, -- As judge_call_id, of VLMEvalKit's rule
  vlmevalkit_version VARCHAR,  -- State of VLMEvalKit whose rule that is: '2026-05' or '2026-11'
  run_id VARCHAR NOT NULL      -- Dagster run
);
