-- Valid questions without two different finished calls behind them.
SELECT v.question_id, v.well_posed_call_id, v.answerable_call_id
FROM valid_questions v
LEFT JOIN calls a ON a.call_id = v.well_posed_call_id AND a.status = 'ok'
LEFT JOIN calls b ON b.call_id = v.answerable_call_id AND b.status = 'ok'
WHERE v.batch = $batch
  AND (a.call_id IS NULL OR b.call_id IS NULL OR v.well_posed_call_id = v.answerable_call_id)
LIMIT 20
