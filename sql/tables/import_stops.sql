-- Lines of an imported file that its release does not hold: one row each, with the reason.
-- key: release_id, line
CREATE TABLE import_stops (
  release_id VARCHAR NOT NULL, -- Release that was made of the file
  line BIGINT NOT NULL,        -- Line of the file, from 1
  verdict VARCHAR NOT NULL,    -- 'dropped' (a rule rejected it) or 'failed' (it could not be processed)
  reason VARCHAR NOT NULL,     -- Short code, such as 'tag_in_text' or 'missing_image'
  detail VARCHAR NOT NULL,     -- One readable sentence
  image_path VARCHAR,          -- The image that it names, where it could be read
  problem VARCHAR              -- The beginning of its question, where it could be read
);
