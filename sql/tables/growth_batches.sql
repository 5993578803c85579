-- The growth steps, in order. Each is one Dagster partition.
-- key: batch
CREATE TABLE growth_batches (
  batch VARCHAR NOT NULL,          -- Partition key
  position INTEGER NOT NULL,       -- 1-based order of growth
  created_at TIMESTAMPTZ NOT NULL, -- When it was opened (UTC)
  reason VARCHAR NOT NULL          -- What opened it: 'manual', 'schedule', 'sensor: <what was new>'
);
