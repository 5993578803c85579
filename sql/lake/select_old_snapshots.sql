-- Snapshots older than some days but for the latest, and whether a release or a policy read them.
WITH pins AS (
  SELECT snapshot_id FROM releases
  UNION
  SELECT snapshot_id FROM policies WHERE snapshot_id IS NOT NULL
)
SELECT CAST(s.snapshot_id AS BIGINT) AS snapshot_id, p.snapshot_id IS NOT NULL AS pinned
FROM lake.snapshots() s
LEFT JOIN pins p ON p.snapshot_id = s.snapshot_id
WHERE s.snapshot_time < now() - to_seconds(CAST($keep_days AS DOUBLE) * 86400)
  AND s.snapshot_id < (SELECT max(snapshot_id) FROM lake.snapshots())
ORDER BY s.snapshot_id
