-- How far each growth batch has come by its accounting rows; batch '' says when the whole graph was last finished.
SELECT
  batch,
  list(asset[9:] ORDER BY asset) FILTER (WHERE starts_with(asset, 'sources/')) AS sources,
  count(*) FILTER (WHERE starts_with(asset, 'sources/') AND rows_in > 0) AS filled,
  coalesce(sum(rows_in) FILTER (WHERE starts_with(asset, 'sources/')), 0)::BIGINT AS images,
  max(committed_at) FILTER (WHERE asset NOT IN ('samples', 'growth_plan')) AS filled_at,
  max(committed_at) FILTER (WHERE asset = 'samples') AS samples_at,
  coalesce(max(rows_written) FILTER (WHERE asset = 'samples'), 0)::BIGINT AS samples,
  max(committed_at) AS last_at,
  max(committed_at) FILTER (WHERE asset = 'scoreboard') AS scored_at
FROM materializations
GROUP BY batch
