-- Images of a batch's pool that an evaluation set holds: by bytes, by both hashes, or by the words of a question
-- of any of their files. Written apart from the gate that dropped them, so that it can find the gate's mistakes.
WITH pool AS (
  SELECT
    image_id,
    image_uri,
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
  FROM benchmark_images
),
pool_bands AS (
  SELECT *, unnest([0, 13, 26, 39, 52]) AS shift, (h >> unnest([0, 13, 26, 39, 52])) & 8191 AS bits FROM pool
),
bench_bands AS (
  SELECT *, unnest([0, 13, 26, 39, 52]) AS shift, (h >> unnest([0, 13, 26, 39, 52])) & 8191 AS bits FROM bench
),
alike AS (
  SELECT DISTINCT p.image_id, b.item
  FROM pool_bands p
  JOIN bench_bands b ON b.shift = p.shift AND b.bits = p.bits
  WHERE bit_count(xor(p.h, b.h)) <= 4
    AND list_sum([bit_count(xor(z[1], z[2]))::INTEGER FOR z IN list_zip(p.far, b.far)]) <= $far
),
asked AS (
  SELECT DISTINCT
    p.image_id,
    trim(regexp_replace(lower(regexp_replace(q ->> '$.question', '<image ?\d*>', ' ', 'gi')), '[^\p{L}\p{N}]+', ' ', 'g')) AS words
  FROM pool p
  JOIN source_images s ON s.image_id = p.image_id
  CROSS JOIN unnest((s.context -> '$.qa')::JSON[]) AS t(q)
),
items AS (
  SELECT
    benchmark || ':' || item AS item,
    trim(regexp_replace(lower(regexp_replace(question, '<image ?\d*>', ' ', 'gi')), '[^\p{L}\p{N}]+', ' ', 'g')) AS words
  FROM benchmark_items
)
SELECT p.image_id, b.item, 'same bytes' AS how FROM pool p JOIN bench b ON b.image_id = p.image_id
UNION ALL
SELECT image_id, item, 'looks alike' FROM alike
UNION ALL
SELECT a.image_id, i.item, 'same question'
FROM asked a
JOIN items i ON i.words = a.words
WHERE len(string_split(a.words, ' ')) >= $min_words
ORDER BY 1, 2
