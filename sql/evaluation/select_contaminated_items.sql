-- Items of the evaluation sets that a source was found to hold: by an image, with all items that show it, or by a question.
WITH hits AS (
  SELECT DISTINCT reason, related_id FROM verdicts WHERE reason IN ('benchmark_image', 'benchmark_question')
),
named AS (
  SELECT h.reason, i.benchmark, i.item, i.image_ids
  FROM hits h
  JOIN benchmark_items i ON i.benchmark || ':' || i.item = h.related_id
)
SELECT benchmark, item FROM named
UNION
SELECT i.benchmark, i.item
FROM benchmark_items i
JOIN named n ON n.reason = 'benchmark_image' AND list_has_any(i.image_ids, n.image_ids)
ORDER BY benchmark, item
