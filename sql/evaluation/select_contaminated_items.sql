-- Items of the evaluation sets that a source was found to hold: by an image, with all items that show it, or by a question.
WITH hits AS (
  SELECT DISTINCT reason, related_id FROM verdicts WHERE reason IN ('benchmark_image', 'benchmark_question')
),
named AS (
  SELECT h.reason, i.benchmark, i.item, i.image_ids
  FROM hits h
  JOIN benchmark_items i ON i.benchmark || ':' || i.item = h.related_id
),
held AS (
  SELECT DISTINCT unnest(image_ids) AS image_id FROM named WHERE reason = 'benchmark_image'
),
shown AS (
  SELECT benchmark, item, unnest(image_ids) AS image_id FROM benchmark_items
)
SELECT benchmark, item FROM named
UNION
SELECT s.benchmark, s.item FROM shown s JOIN held h ON h.image_id = s.image_id
ORDER BY benchmark, item
