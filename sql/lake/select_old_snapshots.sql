-- Snapshots older than some days but for the latest, and whether a release or a policy read them, or scores were made in
-- them: a commit of the scoreboard, or of an evaluation from the terminal, comes after all that its numbers stand on.
-- None is older than one before it, whatever the clock said when it was written.
WITH known AS (
  SELECT
    snapshot_id, max(snapshot_time) OVER (ORDER BY snapshot_id) AS written, author, max(snapshot_id) OVER () AS latest
  FROM lake.snapshots()
),
pins AS (
  SELECT snapshot_id FROM releases
  UNION
  SELECT snapshot_id FROM policies WHERE snapshot_id IS NOT NULL
  UNION
  SELECT snapshot_id FROM known WHERE author IN ('scoreboard', 'evaluate')
)
SELECT CAST(k.snapshot_id AS BIGINT) AS snapshot_id, p.snapshot_id IS NOT NULL AS pinned
FROM known k
LEFT JOIN pins p ON p.snapshot_id = k.snapshot_id
WHERE k.snapshot_id < k.latest AND k.written < now() - to_seconds(CAST($keep_days AS DOUBLE) * 86400)
ORDER BY k.snapshot_id
