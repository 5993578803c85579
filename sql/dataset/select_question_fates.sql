-- What became of the questions about images: the row of a release, or the stage that stopped it and why.
WITH asked AS (
  SELECT question_id, image_id, batch, question
  FROM questions
  WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
), made AS (
  SELECT s.question_id, s.sample_id FROM samples s SEMI JOIN asked a ON a.question_id = s.question_id
), subjects AS (
  SELECT question_id, batch, question_id AS subject_id FROM asked
  UNION
  SELECT m.question_id, a.batch, m.sample_id FROM made m JOIN asked a ON a.question_id = m.question_id
  UNION
  SELECT w.question_id, w.batch, w.answer_id FROM answers w SEMI JOIN asked a ON a.question_id = w.question_id
  UNION
  SELECT p.question_id, p.batch, p.path_id FROM reasoning_paths p SEMI JOIN asked a ON a.question_id = p.question_id
), stops AS (
  SELECT s.question_id, v.asset, v.verdict, v.reason, v.detail, v.related_id
  FROM verdicts v
  JOIN subjects s ON s.subject_id = v.subject_id
  WHERE v.batch = s.batch OR v.asset = 'release'
)
SELECT
  a.question_id, a.image_id, a.batch, a.question, m.sample_id, r.split, r.position, v.asset, v.verdict, v.reason,
  v.detail, v.related_id
FROM asked a
LEFT JOIN made m ON m.question_id = a.question_id
LEFT JOIN release_rows r ON r.sample_id = m.sample_id AND r.release_id = $release_id
LEFT JOIN stops v ON v.question_id = a.question_id
ORDER BY a.question_id, v.asset
