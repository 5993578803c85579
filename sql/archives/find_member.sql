-- One member; of several archives that hold the name, the first.
SELECT a.path AS archive, m.start, m.size, m.packed, m.method, m.crc, m.reason, m.detail
FROM members m JOIN archives a ON a.id = m.archive
WHERE m.path = $path
ORDER BY a.path
LIMIT 1
