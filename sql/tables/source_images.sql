-- Image files that a growth batch took from a source, with the source's own annotations.
-- key: source, image_uri
CREATE TABLE source_images (
  source VARCHAR NOT NULL,      -- Source key, of the 18 or added by configuration
  batch VARCHAR NOT NULL,       -- Growth batch that took the file
  image_uri VARCHAR NOT NULL,   -- The source's key, then the path below its place: no root, bucket or archive
  image_id VARCHAR NOT NULL,    -- SHA-256 of the file's bytes, hex
  file_bytes BIGINT NOT NULL,   -- Size of the file
  position BIGINT NOT NULL,     -- Place in the source's stable order
  licence VARCHAR NOT NULL,     -- Licence of the source, carried into every export
  split VARCHAR,                -- The source's own split, where it has one
  context JSON NOT NULL,        -- Native annotations normalised: captions, objects, relations, text_tokens, table, qa, masks
  run_id VARCHAR NOT NULL       -- Dagster run
);
