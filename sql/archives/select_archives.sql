-- What was read, and when it was last changed.
SELECT id, path, stamp FROM archives ORDER BY path
