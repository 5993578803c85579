-- What the calls have cost of all batches but one whose samples were made.
SELECT coalesce(sum(cost), 0)::DOUBLE AS cost
FROM calls
WHERE batch IN (SELECT batch FROM materializations WHERE asset = 'samples' AND batch <> '' AND batch <> $batch)
