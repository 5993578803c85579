-- Verdicts on stopped rows: one row per dropped or failed input row, with the reason.
-- key: asset, batch, subject_id
CREATE TABLE verdicts (
  asset VARCHAR NOT NULL,   -- Asset that decided
  batch VARCHAR NOT NULL,   -- Growth batch, or ''
  subject_id VARCHAR NOT NULL,  -- Id of the row that stopped here (image, question, sample, or source path)
  verdict VARCHAR NOT NULL, -- 'dropped' (a rule rejected it) or 'failed' (it could not be processed)
  reason VARCHAR NOT NULL,  -- Short code, such as 'exact_duplicate' or 'ill_posed'
  detail VARCHAR,           -- One readable sentence: the file, row and cure where there is one
  related_id VARCHAR,       -- The row it collided with: the canonical image, the benchmark item, the call
  run_id VARCHAR NOT NULL   -- Dagster run
);
