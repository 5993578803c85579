-- Hashes of the evaluation sets' images as last known, for contamination gates alone.
-- key: benchmark, image_id
CREATE TABLE contamination_images (
  benchmark VARCHAR NOT NULL,  -- Evaluation set
  image_id VARCHAR NOT NULL,   -- SHA-256 of the bytes
  item VARCHAR NOT NULL,       -- First item of the set that shows it
  phash VARCHAR NOT NULL,      -- imagehash.phash, 64 bit, 16 hex digits
  phash256 VARCHAR NOT NULL,   -- imagehash.phash(hash_size=16), 64 hex digits
  run_id VARCHAR NOT NULL      -- Dagster run
);
