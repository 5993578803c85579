-- Images of the evaluation sets, for asking and for the contamination gate.
-- key: image_id
CREATE TABLE benchmark_images (
  image_id VARCHAR NOT NULL,   -- SHA-256 of the bytes
  benchmark VARCHAR NOT NULL,  -- First set that holds it
  item VARCHAR NOT NULL,       -- First item that holds it
  image_uri VARCHAR NOT NULL,  -- Path relative to the image store
  format VARCHAR NOT NULL,     -- Format found in the bytes
  width INTEGER NOT NULL,      -- Pixels
  height INTEGER NOT NULL,     -- Pixels
  phash VARCHAR NOT NULL,      -- imagehash.phash, 64 bit, 16 hex digits
  phash256 VARCHAR NOT NULL,   -- imagehash.phash(hash_size=16), 64 hex digits
  run_id VARCHAR NOT NULL,     -- Dagster run
  picture_id VARCHAR           -- SHA-256 of what is sent of it: image_id, or that of its upright RGB copy; NULL in rows of versions without copies
);
