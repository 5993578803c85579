-- Pairs of images whose 64-bit hashes agree in the bits of $mask and differ in at most $near bits altogether.
-- `new` (node, h, crowded) and `known` (node, h) are given with the connection. A new image is compared with every
-- known one before it; images whose bucket under this mask is over-full ($bit is set in `crowded`) are left out.
SELECT n.node AS image, o.node AS other
FROM new n
JOIN known o ON (o.h & $mask::UBIGINT) = (n.h & $mask::UBIGINT) AND o.node < n.node
WHERE (n.crowded & $bit::USMALLINT) = 0 AND bit_count(xor(n.h, o.h)) <= $near
