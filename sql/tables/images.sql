-- The image pool: decodable, unique images that are in no benchmark.
-- key: image_id
CREATE TABLE images (
  image_id VARCHAR NOT NULL,   -- SHA-256 of the file's bytes, hex
  batch VARCHAR NOT NULL,      -- Growth batch that brought it
  source VARCHAR NOT NULL,     -- Source of the canonical file
  image_uri VARCHAR NOT NULL,  -- Path relative to the sources root
  origins VARCHAR[] NOT NULL,  -- All image_uri of this batch with these very bytes, the canonical first; a later batch's copy gets a verdict
  licence VARCHAR NOT NULL,    -- Licence of the source
  format VARCHAR NOT NULL,     -- Format found in the bytes, such as JPEG, whatever the file name says
  width INTEGER NOT NULL,      -- Pixels, after EXIF orientation
  height INTEGER NOT NULL,     -- Pixels, after EXIF orientation
  phash VARCHAR NOT NULL,      -- imagehash.phash, 64 bit, 16 hex digits
  phash256 VARCHAR NOT NULL,   -- imagehash.phash(hash_size=16), 64 hex digits
  run_id VARCHAR NOT NULL,     -- Dagster run
  picture_id VARCHAR           -- SHA-256 of what is sent of it: image_id, or that of its upright RGB copy; NULL in rows of versions without copies
);
