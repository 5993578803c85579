-- Questions without exactly one answer per answerer and one verdict on the pair.
SELECT question_id, count(*) AS answers, count(DISTINCT answerer) AS answerers, count(DISTINCT agreement) AS verdicts
FROM answers
WHERE batch = $batch
GROUP BY question_id
HAVING count(*) <> 2 OR count(DISTINCT answerer) <> 2 OR count(DISTINCT agreement) <> 1
LIMIT 20
