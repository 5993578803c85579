-- The replies to a question that rule and judge scored.
SELECT reply_id, origin, reply, verdict, tier, agrees, refusal, call_id, judge_call_id
FROM scored_replies
WHERE question_id = $question_id
ORDER BY reply_id
