-- What each gate of questions, answers and paths drops over all growth batches, and how much of it was bad where that is known.
-- key: gate, source
CREATE TABLE gate_quality (
  gate VARCHAR NOT NULL,            -- Name of the gate
  source VARCHAR NOT NULL,          -- Source of the images, or '' for all
  position INTEGER NOT NULL,        -- Its place in the order, from 1
  looked_at INTEGER NOT NULL,       -- Rows that reached it
  dropped_alone INTEGER NOT NULL,   -- Rows that it drops of those it looked at, whatever gates behind it do
  dropped_first INTEGER NOT NULL,   -- Rows that it drops in the order, or marks where a setting keeps them
  dropped_only INTEGER,             -- Rows that no other gate drops; NULL where gates behind it never saw them
  bad_rows INTEGER,                 -- Rows known to be bad among those it looked at; NULL where no truth is known
  bad_alone INTEGER,                -- Of dropped_alone
  bad_first INTEGER,                -- Of dropped_first
  bad_only INTEGER,                 -- Of dropped_only
  aimed_rows INTEGER,               -- Rows with the defect that it is made for; NULL where no truth is known
  aimed_caught INTEGER,             -- Of those, rows that it kept from going on as they were
  precision DOUBLE,                 -- bad_alone / dropped_alone; NULL where nothing is known or dropped
  precision_low DOUBLE,             -- Wilson's interval of 95 %
  precision_high DOUBLE,            -- Wilson's interval of 95 %
  recall DOUBLE,                    -- bad_alone / bad_rows: of bad rows of whatever kind
  recall_low DOUBLE,                -- Wilson's interval of 95 %
  recall_high DOUBLE,               -- Wilson's interval of 95 %
  aimed_recall DOUBLE,              -- aimed_caught / aimed_rows
  aimed_low DOUBLE,                 -- Wilson's interval of 95 %
  aimed_high DOUBLE,                -- Wilson's interval of 95 %
  calls DOUBLE NOT NULL,            -- Model calls that it made; of one source its share by rows looked at
  cost DOUBLE NOT NULL,             -- What they cost
  calls_saved DOUBLE NOT NULL,      -- Calls that the stages behind it would have made for what it dropped (mean of what passed)
  cost_saved DOUBLE NOT NULL,       -- What those would have cost
  run_id VARCHAR NOT NULL           -- Dagster run
);
