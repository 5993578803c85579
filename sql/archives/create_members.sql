-- Where each member's bytes lie. Sorted by path, so a listing is a range and a look-up one step.
CREATE TABLE IF NOT EXISTS members (
  path TEXT NOT NULL,         -- As if unpacked where the archive lies
  archive INTEGER NOT NULL,
  start INTEGER NOT NULL,     -- Of the data in a tar, of the local header in a zip
  size INTEGER NOT NULL,
  packed INTEGER NOT NULL,
  method INTEGER NOT NULL,    -- Compression of a zip member
  crc INTEGER NOT NULL,
  reason TEXT,                -- Why it must not be opened, where it must not
  detail TEXT,
  PRIMARY KEY (path, archive)
) WITHOUT ROWID
