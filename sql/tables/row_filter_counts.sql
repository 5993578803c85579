-- What each row filter dropped of a batch, and how much of it was bad where that is known (sample pack).
-- key: batch, filter, source
CREATE TABLE row_filter_counts (
  batch VARCHAR NOT NULL,           -- Growth batch
  filter VARCHAR NOT NULL,          -- Name of the filter, the reason of the rows that it drops
  position INTEGER NOT NULL,        -- Its place in the order, from 1
  rows INTEGER NOT NULL,            -- Rows that the filters looked at
  dropped_alone INTEGER NOT NULL,   -- Rows that it drops, whatever the others do
  dropped_first INTEGER NOT NULL,   -- Rows that it drops in the order: no earlier filter did
  dropped_only INTEGER NOT NULL,    -- Rows that no other filter drops: without it they would stay
  bad_rows INTEGER,                 -- Rows known to be bad; null where nothing is known
  bad_alone INTEGER,                -- Of dropped_alone
  bad_first INTEGER,                -- Of dropped_first
  bad_only INTEGER,                 -- Of dropped_only
  run_id VARCHAR NOT NULL,          -- Dagster run
  source VARCHAR                    -- Source of the images; NULL in rows of versions that counted all together
);
