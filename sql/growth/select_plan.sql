-- The plan of a growth batch.
SELECT batch, source, policy, quota, wanted, samples, images, yield, untaken, accuracy, weight, reason, rated,
  learnable, run_id
FROM growth_plans
WHERE batch = $batch
ORDER BY source
