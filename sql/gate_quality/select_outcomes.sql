-- Every question of all growth batches with its answers and what stopped it: a stage of synthesis, or the release.
SELECT
  q.question_id, q.image_id, i.source, q.question, v.asset AS stopped_at, v.verdict, v.reason,
  r.answer AS reasoner_answer, w.answer AS vlm_answer,
  CASE coalesce(c.answer_id, t.answer_id, b.answer_id) WHEN r.answer_id THEN r.answer WHEN w.answer_id THEN w.answer END AS kept_answer,
  b.solvable AS solvable_blind, NOT t.confirmed AS not_confirmed, o.reason AS release_reason, l.marks,
  (l.sample_id IS NOT NULL OR o.subject_id IS NOT NULL) AS offered
FROM questions q
LEFT JOIN images i ON i.image_id = q.image_id
LEFT JOIN verdicts v ON v.subject_id = q.question_id AND list_contains($assets, v.asset)
LEFT JOIN answers r ON r.question_id = q.question_id AND r.answerer = 'reasoner'
LEFT JOIN answers w ON w.question_id = q.question_id AND w.answerer = 'vlm'
LEFT JOIN chosen_answers c ON c.question_id = q.question_id
LEFT JOIN blind_checks b ON b.question_id = q.question_id
LEFT JOIN second_looks t ON t.question_id = q.question_id
LEFT JOIN samples s ON s.question_id = q.question_id
LEFT JOIN verdicts o ON o.subject_id = s.sample_id AND o.asset = 'release'
LEFT JOIN release_rows l ON l.sample_id = s.sample_id AND l.release_id = $release_id
ORDER BY q.question_id
