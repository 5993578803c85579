-- What each row filter dropped over all growth batches, and how much of it was bad where that is known.
SELECT
  filter, min(position) AS position, sum(rows)::BIGINT AS rows,
  sum(dropped_alone)::BIGINT AS dropped_alone, sum(dropped_first)::BIGINT AS dropped_first,
  sum(dropped_only)::BIGINT AS dropped_only,
  sum(bad_rows)::BIGINT AS bad_rows, sum(bad_alone)::BIGINT AS bad_alone
FROM row_filter_counts
GROUP BY filter
ORDER BY position, filter
