-- Growth batches in order, with whether anything of them was materialised.
SELECT
  g.batch,
  g.position,
  g.created_at,
  g.reason,
  EXISTS (SELECT 1 FROM materializations m WHERE m.batch = g.batch) AS begun
FROM growth_batches g
ORDER BY g.position, g.created_at, g.batch
