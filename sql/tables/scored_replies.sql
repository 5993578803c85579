-- Every distinct reply to a rule question of a batch, scored by the rule and by the judge.
-- key: reply_id
-- kind: scored reply
CREATE TABLE scored_replies (
  reply_id VARCHAR NOT NULL,     -- Hash of the kept answer's id and the reply
  question_id VARCHAR NOT NULL,  -- The question
  answer_id VARCHAR NOT NULL,    -- The kept answer, which is the gold
  image_id VARCHAR NOT NULL,     -- Image asked about
  batch VARCHAR NOT NULL,        -- Growth batch
  source VARCHAR NOT NULL,       -- Source of the image
  category VARCHAR NOT NULL,     -- MC or FIB
  answer_type VARCHAR NOT NULL,  -- The gold's type, whose rule gave the verdict
  origin VARCHAR NOT NULL,       -- Where it stands first: 'reasoner', 'vlm', 'reasoner_chain', 'vlm_chain' or 'path'
  reply VARCHAR NOT NULL,        -- The reply, in its first writing
  verdict VARCHAR NOT NULL,      -- The rule's: correct, wrong, unparseable, hedged, error or timeout
  tier DOUBLE,                   -- The judge's: 0 to 1 in quarters; null where it gave none
  agrees BOOLEAN,                -- Whether both call it right or both do not; null where one of them did not decide
  refusal VARCHAR,               -- Why the reply scored 0 without the judge being asked
  call_id VARCHAR NOT NULL,      -- Ledger key of the call that it is from
  judge_call_id VARCHAR,         -- Ledger key of the judgement
  run_id VARCHAR NOT NULL        -- Dagster run
);
