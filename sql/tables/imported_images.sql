-- Images of imported releases: files in the image store, which no source of this installation has to hold.
-- key: image_id
CREATE TABLE imported_images (
  image_id VARCHAR NOT NULL,   -- SHA-256 of the bytes
  image_uri VARCHAR NOT NULL,  -- Path relative to the image store
  format VARCHAR NOT NULL,     -- Format found in the bytes, whatever the file's name says
  width INTEGER NOT NULL,      -- Pixels, after EXIF orientation
  height INTEGER NOT NULL,     -- Pixels, after EXIF orientation
  phash VARCHAR NOT NULL,      -- imagehash.phash, 64 bit, 16 hex digits
  phash256 VARCHAR NOT NULL,   -- imagehash.phash(hash_size=16), 64 hex digits
  run_id VARCHAR NOT NULL,     -- Import that brought it first
  picture_id VARCHAR           -- SHA-256 of what is sent of it: image_id, or that of its upright RGB copy; NULL where none could be made
);
