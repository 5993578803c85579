-- Pairs of images whose 64-bit hashes agree in the bits of $mask and differ in at most $near bits altogether.
-- `new` (node, h, oversized) and `known` (node, h) are given with the connection. A new image is compared with every
-- known one before it; images whose bucket under this mask is oversized ($bit is set in `oversized`) are left out.
SELECT n.node AS image, o.node AS other
FROM new n
JOIN known o ON (o.h & $mask::UBIGINT) = (n.h & $mask::UBIGINT) AND o.node < n.node
WHERE (n.oversized & $bit::UBIGINT) = 0 AND bit_count(xor(n.h, o.h)) <= $near
