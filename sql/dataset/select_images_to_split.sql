-- The images of all accepted samples as the split by cluster takes them: hashes (NULL where no pool holds the image), the
-- files that they lie in, the order of their growth batch, and the side and cluster that the first release with this
-- seed and share gave them.
WITH held AS (
  SELECT
    rr.image_id, min(r.snapshot_id) AS first_released, arg_min(rr.split, r.snapshot_id) AS split,
    arg_min(rr.cluster_id, r.snapshot_id) AS cluster_id
  FROM release_rows rr
  JOIN releases r ON r.release_id = rr.release_id
  WHERE CAST(r.config ->> '$.seed' AS BIGINT) = $seed
    AND CAST(r.config ->> '$.heldout_share' AS DOUBLE) = $heldout_share
    AND (r.config -> '$.imported') IS NULL
  GROUP BY rr.image_id
), asked AS (
  SELECT s.image_id, min(coalesce(g.position, 2147483647)) AS batch_order
  FROM samples s
  LEFT JOIN growth_batches g ON g.batch = s.batch
  GROUP BY s.image_id
)
SELECT a.image_id, a.batch_order, i.phash, i.phash256, i.origins AS files, h.first_released, h.split, h.cluster_id
FROM asked a
LEFT JOIN images i ON i.image_id = a.image_id
LEFT JOIN held h ON h.image_id = a.image_id
ORDER BY a.image_id
