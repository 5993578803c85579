-- What the pool recorded of these growth batches, with the sets that each was held against.
SELECT batch, details
FROM materializations
WHERE asset = 'image_pool' AND batch IN (SELECT unnest($batches::VARCHAR[]))
ORDER BY batch
