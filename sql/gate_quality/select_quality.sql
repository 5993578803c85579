-- What each gate is worth over all sources, in their order.
SELECT
  gate, looked_at, dropped_alone, dropped_first, dropped_only, bad_rows, bad_alone, aimed_rows, aimed_caught,
  precision, precision_low, precision_high, recall, recall_low, recall_high, aimed_recall, aimed_low, aimed_high,
  calls, cost, calls_saved, cost_saved
FROM gate_quality
WHERE source = ''
ORDER BY position
