-- What became of a file, id or line ('line 12') of an imported release: its rows, and the lines that were set aside.
SELECT
  'sample' AS kind, sample_id AS id, problem AS text, batch, split, position, NULL AS verdict, NULL AS reason,
  NULL AS detail
FROM release_rows
WHERE
  release_id = $release_id
  AND (
    starts_with(sample_id, $subject) OR starts_with(image_id, $subject) OR image_path = $subject
    OR ends_with(image_path, '/' || $subject)
  )
UNION ALL
SELECT 'line', 'line ' || line, problem, '', NULL, NULL, verdict, reason, detail
FROM import_stops
WHERE
  release_id = $release_id
  AND (image_path = $subject OR ends_with(image_path, '/' || $subject) OR 'line ' || line = $subject)
ORDER BY kind, id
LIMIT 50
