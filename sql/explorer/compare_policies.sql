-- The items of a set that two policies answered, with both verdicts; change: gained, lost, both_right, both_wrong, unscored.
SELECT
  b.item, i.question, i.answer AS gold, i.image_ids[1] AS image_id, b.verdict AS base_verdict, n.verdict AS new_verdict,
  b.score AS base_score, n.score AS new_score, b.extracted AS base_extracted, n.extracted AS new_extracted,
  CASE
    WHEN n.score > b.score THEN 'gained'
    WHEN n.score < b.score THEN 'lost'
    WHEN n.score >= 0.999 THEN 'both_right'
    WHEN n.score IS NOT NULL AND b.score IS NOT NULL THEN 'both_wrong'
    ELSE 'unscored'
  END AS change
FROM (FROM item_scores WHERE policy_id = $base AND benchmark = $benchmark) b
JOIN (FROM item_scores WHERE policy_id = $new AND benchmark = $benchmark) n ON n.item = b.item
LEFT JOIN (FROM benchmark_items WHERE benchmark = $benchmark) i ON i.item = b.item
ORDER BY i.position, b.item
