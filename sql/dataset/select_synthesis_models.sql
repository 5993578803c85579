-- Models that wrote descriptions, questions, answers and chains, for the data set card.
SELECT DISTINCT model
FROM calls
WHERE role IN ('vlm', 'reasoner', 'adjudicator', 'rewriter')
ORDER BY model
