-- Failed rows of an asset and batch whose call the ledger does not hold, so that another run would ask for it again.
SELECT count(*) AS n
FROM verdicts AS v
ANTI JOIN calls AS c ON c.call_id = v.related_id
WHERE v.asset = $asset AND v.batch = $batch AND v.verdict = 'failed' AND v.related_id IS NOT NULL
