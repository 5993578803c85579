-- Items that two policies answered, by set: how many the later one answered better, worse, and both alike.
SELECT
  b.benchmark, count(*) AS items, count(*) FILTER (n.score > b.score) AS gained,
  count(*) FILTER (n.score < b.score) AS lost, count(*) FILTER (n.score = b.score AND n.score >= 0.999) AS both_right,
  count(*) FILTER (n.score = b.score AND n.score < 0.999) AS both_wrong,
  count(*) FILTER (n.score IS NULL OR b.score IS NULL) AS unscored
FROM (FROM item_scores WHERE policy_id = $base) b
JOIN (FROM item_scores WHERE policy_id = $new) n ON n.item = b.item AND n.benchmark = b.benchmark
GROUP BY b.benchmark
ORDER BY b.benchmark = 'heldout' DESC, b.benchmark
