-- Models that wrote descriptions, questions, answers and chains, for the data set card.
SELECT DISTINCT model
FROM (SELECT role, model FROM calls UNION ALL SELECT role, model FROM forgotten_calls)
WHERE role IN ('vlm', 'reasoner', 'adjudicator', 'rewriter')
ORDER BY model
