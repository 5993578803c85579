-- What another run would ask again for an asset and batch. `rows`: failed rows whose call the ledger does not hold, and that
-- is not set aside as one that every run is refused; none of an asset that asks no model. `calls`: those that the last run
-- made and the ledger does not hold, also where the row went on without them.
SELECT
  CASE WHEN (SELECT count(*) FROM call_reuse WHERE asset = $asset AND batch = $batch) > 0 THEN count(*) ELSE 0 END AS rows,
  CAST(
    (SELECT coalesce(sum(asked - reused), 0) FROM call_reuse WHERE run_id = $run_id AND asset = $asset AND batch = $batch)
    - (SELECT count(*) FROM calls WHERE run_id = $run_id AND asset = $asset AND batch = $batch) AS BIGINT
  ) AS calls
FROM verdicts AS v
ANTI JOIN calls AS c ON c.call_id = v.related_id
WHERE v.asset = $asset AND v.batch = $batch AND v.verdict = 'failed' AND v.related_id IS NOT NULL
  AND NOT (v.reason = 'refused_repeatedly' AND v.related_id IN (SELECT call_id FROM refused_calls))
