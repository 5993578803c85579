INSERT INTO archives (path, stamp, problem) VALUES ($path, $stamp, '')
