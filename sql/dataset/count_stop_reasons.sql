-- How many rows each asset stopped for which reason, over all growth batches, for the data set card.
SELECT asset, verdict, reason, count(*) AS rows
FROM verdicts
WHERE batch <> ''
GROUP BY asset, verdict, reason
ORDER BY asset, rows DESC, reason
