-- Routes that their evidence, counted anew, does not support: other counts, or a reroute without a disagreement.
WITH counted AS (
  SELECT question_id, count(*) AS replies, count(agrees) AS decided, count(*) FILTER (WHERE NOT agrees) AS disagreeing
  FROM scored_replies
  WHERE batch = $batch
  GROUP BY question_id
)
SELECT r.question_id, r.reward, r.reason, r.replies, r.decided, r.disagreeing
FROM routed_answers r
JOIN questions q ON q.question_id = r.question_id AND q.batch = $batch
LEFT JOIN counted c ON c.question_id = r.question_id
WHERE r.batch = $batch
  AND (
    r.replies <> coalesce(c.replies, 0) OR r.decided <> coalesce(c.decided, 0) OR r.disagreeing <> coalesce(c.disagreeing, 0)
    OR (r.rule_type IS NOT NULL) <> (r.reason = 'rule_and_judge_disagree')
    OR (r.reason = 'rule_and_judge_disagree' AND r.disagreeing = 0)
    OR r.reward <> CASE WHEN q.category = 'DES' OR r.rule_type IS NOT NULL THEN 'model' ELSE 'rule' END
  )
LIMIT 20
