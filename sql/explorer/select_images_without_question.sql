-- Images of the pool about which nothing was asked: those of a batch that is under way, and those that stopped before.
SELECT i.image_id, i.batch, i.source
FROM images i
ANTI JOIN questions q ON q.image_id = i.image_id
ORDER BY i.image_id
