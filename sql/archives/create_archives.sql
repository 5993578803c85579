-- Archives of one source whose members are known, in the SQLite file that remembers them.
CREATE TABLE IF NOT EXISTS archives (
  id INTEGER PRIMARY KEY,
  path TEXT UNIQUE NOT NULL,  -- Relative to the source's folder
  stamp TEXT NOT NULL,        -- Size and version of the file that was read
  problem TEXT NOT NULL       -- What is wrong with it, or ''
)
