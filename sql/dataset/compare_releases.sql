-- Difference of two releases by row: what it is, and which rows of the earlier one answer the same question otherwise.
-- change: 'kept', 'moved' (other split), 'changed' (other columns), 'added', 'removed', and 'answered_anew' (added, where
-- a removed row asked the same of the same image).
WITH texts AS (  -- of releases of version 0.1, which hold none of their own
  SELECT s.*
  FROM samples s
  SEMI JOIN release_rows o
    ON o.sample_id = s.sample_id AND o.release_id IN ($old, $new) AND o.problem IS NULL
), held AS (
  SELECT
    r.release_id, r.sample_id, r.split, r.image_id, coalesce(r.source, s.source) AS source,
    coalesce(r.batch, s.batch) AS batch, coalesce(r.category, s.category) AS category,
    coalesce(r.answer_type, s.answer_type) AS answer_type, coalesce(r.image_path, s.image_path) AS image_path,
    coalesce(r.problem, s.problem) AS problem, coalesce(r.answer, s.answer) AS answer,
    coalesce(r.answer_typed, s.answer_typed) AS answer_typed, coalesce(r.reward, s.reward) AS reward,
    coalesce(r.licence, s.licence) AS licence, coalesce(r.abilities, s.abilities) AS abilities
  FROM release_rows r
  LEFT JOIN texts s ON s.sample_id = r.sample_id
  WHERE r.release_id IN ($old, $new)
), paired AS (
  SELECT
    coalesce(n.sample_id, o.sample_id) AS sample_id, coalesce(n.image_id, o.image_id) AS image_id,
    coalesce(n.source, o.source) AS source, coalesce(n.batch, o.batch) AS batch,
    coalesce(n.category, o.category) AS category, coalesce(n.answer_type, o.answer_type) AS answer_type,
    coalesce(n.image_path, o.image_path) AS image_path, coalesce(n.problem, o.problem) AS problem,
    o.answer AS old_answer, n.answer AS new_answer,
    CASE
      WHEN o.sample_id IS NULL THEN 'added'
      WHEN n.sample_id IS NULL THEN 'removed'
      WHEN o.split <> n.split THEN 'moved'
      WHEN (o.answer_typed, o.reward, o.licence, o.abilities, o.image_path) IS DISTINCT FROM
        (n.answer_typed, n.reward, n.licence, n.abilities, n.image_path) THEN 'changed'
      ELSE 'kept'
    END AS change
  FROM (FROM held WHERE release_id = $old) o
  FULL JOIN (FROM held WHERE release_id = $new) n ON n.sample_id = o.sample_id
), before AS (
  SELECT image_id, problem, min(old_answer) AS old_answer FROM paired WHERE change = 'removed' GROUP BY image_id, problem
)
SELECT
  p.sample_id, CASE WHEN p.change = 'added' AND b.problem IS NOT NULL THEN 'answered_anew' ELSE p.change END AS change, p.source, p.batch,
  p.category, p.answer_type, p.image_path, p.problem, coalesce(p.old_answer, b.old_answer) AS old_answer, p.new_answer
FROM paired p
LEFT JOIN before b ON b.image_id = p.image_id AND b.problem = p.problem
ORDER BY p.sample_id
