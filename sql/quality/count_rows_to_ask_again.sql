-- Failed rows of an asset and batch for which another run would ask again: the ledger does not hold their call, and it is
-- not set aside as one that every run is refused. None of an asset that asks no model.
SELECT CASE WHEN (SELECT count(*) FROM call_reuse WHERE asset = $asset AND batch = $batch) > 0 THEN count(*) ELSE 0 END AS n
FROM verdicts AS v
ANTI JOIN calls AS c ON c.call_id = v.related_id
WHERE v.asset = $asset AND v.batch = $batch AND v.verdict = 'failed' AND v.related_id IS NOT NULL
  AND NOT (v.reason = 'refused_repeatedly' AND v.related_id IN (SELECT call_id FROM refused_calls))
