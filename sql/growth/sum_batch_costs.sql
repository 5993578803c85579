-- What the calls of all batches but one have cost.
SELECT coalesce(sum(cost), 0)::DOUBLE AS cost
FROM calls
WHERE batch <> '' AND batch <> $batch
