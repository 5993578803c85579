-- The first rows of either split of a release, as the release holds them: their order is a drawn one.
SELECT
  sample_id, image_id, split, source, category, problem, answer, answer_typed, coalesce(cluster_id, image_id) AS cluster_id
FROM release_rows
WHERE release_id = $release_id AND position < $rows AND problem IS NOT NULL
ORDER BY position, split
