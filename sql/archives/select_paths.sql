-- The next paths of a range, in the order of their UTF-8 bytes.
SELECT DISTINCT path FROM members WHERE path > $after AND path < $before ORDER BY path LIMIT $many
