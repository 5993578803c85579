-- Of members with one name, the last in the archive counts, as when it is unpacked.
INSERT OR REPLACE INTO members (path, archive, start, size, packed, method, crc, reason, detail)
VALUES ($path, $archive, $start, $size, $packed, $method, $crc, $reason, $detail)
