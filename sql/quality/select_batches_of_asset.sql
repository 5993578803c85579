-- The growth batches that an asset has committed, oldest first; '' for an unpartitioned asset.
SELECT batch
FROM materializations
WHERE asset = $asset
ORDER BY batch
