-- Pairs of images whose 64-bit hashes differ in at most 4 bits and whose 256-bit hashes in at most $far.
-- Exact: 64 bits are cut into five bands, and 4 different bits leave at least one band equal (pigeonhole).
-- `new` and `earlier` (image_id, phash, phash256) are given with the connection. A new image is compared with
-- every earlier one and, where $among_new, with the new ones before it in `place`.
WITH hashed AS (
  SELECT
    *,
    ('0x' || phash)::UBIGINT AS h,
    ('0x' || phash256[1:16])::UBIGINT AS a,
    ('0x' || phash256[17:32])::UBIGINT AS b,
    ('0x' || phash256[33:48])::UBIGINT AS c,
    ('0x' || phash256[49:64])::UBIGINT AS d
  FROM (
    SELECT image_id, phash, phash256, place, true AS fresh FROM new
    UNION ALL
    SELECT image_id, phash, phash256, -1 AS place, false AS fresh FROM earlier
  )
),
bands AS (
  SELECT *, unnest([0, 1, 2, 3, 4]) AS band, (h >> unnest([0, 13, 26, 39, 52])) & unnest([8191, 8191, 8191, 8191, 4095]) AS bits
  FROM hashed
),
pairs AS (
  SELECT DISTINCT
    n.image_id,
    o.image_id AS other_id,
    n.place,
    o.place AS other_place,
    bit_count(xor(n.h, o.h)) AS distance,
    bit_count(xor(n.a, o.a))::INTEGER + bit_count(xor(n.b, o.b)) + bit_count(xor(n.c, o.c)) + bit_count(xor(n.d, o.d))
      AS distance256
  FROM bands n
  JOIN bands o ON o.band = n.band AND o.bits = n.bits AND o.place < n.place AND o.image_id <> n.image_id
    AND ($among_new OR NOT o.fresh)
  WHERE n.fresh AND bit_count(xor(n.h, o.h)) <= 4
)
SELECT image_id, other_id, distance, distance256
FROM pairs
WHERE distance256 <= $far
ORDER BY place, distance256, other_place, other_id
