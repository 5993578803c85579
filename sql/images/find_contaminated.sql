-- Images of a batch's pool that an evaluation set holds by bytes, or may hold by both hashes: those are looked at.
-- `alike` where the hashes are very close. Written apart from the gate that dropped them, with other bands, so that it
-- can find the gate's mistakes.
WITH pool AS (
  SELECT
    image_id,
    ('0x' || phash)::UBIGINT AS h,
    [('0x' || phash256[i : i + 15])::UBIGINT FOR i IN [1, 17, 33, 49]] AS far
  FROM images
  WHERE batch = $batch
),
bench AS (
  SELECT
    image_id,
    benchmark || ':' || item AS item,
    ('0x' || phash)::UBIGINT AS h,
    [('0x' || phash256[i : i + 15])::UBIGINT FOR i IN [1, 17, 33, 49]] AS far
  FROM contamination_images
),
pool_bands AS (
  SELECT *, unnest([0, 13, 26, 39, 52]) AS shift, (h >> unnest([0, 13, 26, 39, 52])) & 8191 AS bits FROM pool
),
bench_bands AS (
  SELECT *, unnest([0, 13, 26, 39, 52]) AS shift, (h >> unnest([0, 13, 26, 39, 52])) & 8191 AS bits FROM bench
),
close AS (
  SELECT
    p.image_id,
    b.image_id AS other_id,
    b.item,
    bit_count(xor(p.h, b.h)) AS bits,
    list_sum([bit_count(xor(z[1], z[2]))::INTEGER FOR z IN list_zip(p.far, b.far)]) AS far_bits
  FROM pool_bands p
  JOIN bench_bands b ON b.shift = p.shift AND b.bits = p.bits
  WHERE bit_count(xor(p.h, b.h)) <= $near
),
found AS (
  SELECT p.image_id, b.image_id AS other_id, b.item, 'same bytes' AS how, TRUE AS alike
  FROM pool p
  JOIN bench b ON b.image_id = p.image_id
  UNION ALL
  SELECT image_id, other_id, item, 'close hashes', bits <= $alike AND far_bits <= $alike_far
  FROM close
  WHERE far_bits <= $far
)
SELECT image_id, other_id, item, max(how) AS how, bool_or(alike) AS alike
FROM found
GROUP BY image_id, other_id, item
ORDER BY image_id, item, other_id
