-- The candidates that a release left out, each with its verdict, by sample. `candidates` (select_release_candidates) and
-- `stopped` (subject_id, verdict, reason, detail, related_id) are given with the connection.
SELECT
  'release' AS asset, c.batch, t.subject_id, t.verdict, t.reason, t.detail, t.related_id,
  c.problem, c.answer, c.category, c.abilities, c.refined_cot, c.image_path, c.reward, c.source, c.licence, c.image_id
FROM stopped t
JOIN candidates c ON c.sample_id = t.subject_id
ORDER BY t.subject_id
