-- Valid questions without two different finished calls behind them.
WITH checked AS (
  SELECT question_id, well_posed_call_id, answerable_call_id FROM valid_questions WHERE batch = $batch
),
finished AS (
  SELECT DISTINCT call_id
  FROM (SELECT call_id, status FROM calls UNION ALL SELECT call_id, status FROM forgotten_calls)
  WHERE status = 'ok'
    AND call_id IN (SELECT well_posed_call_id FROM checked UNION ALL SELECT answerable_call_id FROM checked)
)
SELECT v.question_id, v.well_posed_call_id, v.answerable_call_id
FROM checked v
LEFT JOIN finished a ON a.call_id = v.well_posed_call_id
LEFT JOIN finished b ON b.call_id = v.answerable_call_id
WHERE a.call_id IS NULL OR b.call_id IS NULL OR v.well_posed_call_id = v.answerable_call_id
LIMIT 20
