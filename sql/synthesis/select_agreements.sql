-- Agreement of rule and judge, one row per category and source.
SELECT category, source, rows, replies, decided, agreeing, agreement, kappa
FROM reward_agreements
WHERE batch = $batch
ORDER BY category, source
