-- What people say of samples that they audited.
-- key: sample_id, person
CREATE TABLE audit_verdicts (
  sample_id VARCHAR NOT NULL,      -- The sample
  person VARCHAR NOT NULL,         -- Who judged it
  release_id VARCHAR NOT NULL,     -- Release from which it was drawn
  verdict VARCHAR NOT NULL,        -- right, wrong, ill_posed or unsafe
  note VARCHAR NOT NULL,           -- What the person wrote beside it
  recorded_at TIMESTAMPTZ NOT NULL -- When it was recorded (UTC)
);
