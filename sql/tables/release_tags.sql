-- Names that people give to releases and may move, such as 'latest-good' or 'paper-mix'.
-- key: tag
CREATE TABLE release_tags (
  tag VARCHAR NOT NULL,          -- The name
  release_id VARCHAR NOT NULL,   -- Release that it stands for now
  moved_at TIMESTAMPTZ NOT NULL, -- When it was given or moved (UTC)
  moved_by VARCHAR NOT NULL      -- Account that did
);
