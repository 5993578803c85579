-- What each row filter dropped over all growth batches by source, and how much of it was bad where that is known.
SELECT
  filter, source, sum(rows)::BIGINT AS rows,
  sum(dropped_alone)::BIGINT AS dropped_alone, sum(dropped_first)::BIGINT AS dropped_first,
  sum(dropped_only)::BIGINT AS dropped_only,
  sum(bad_rows)::BIGINT AS bad_rows, sum(bad_alone)::BIGINT AS bad_alone, sum(bad_first)::BIGINT AS bad_first,
  sum(bad_only)::BIGINT AS bad_only
FROM row_filter_counts
GROUP BY filter, source
ORDER BY filter, source
