-- Ids of questions and samples in whose question, answer or path all of the texts occur, whatever their case.
WITH texts AS (
  SELECT question_id AS id, lower(concat_ws(' ', question, array_to_string(options, ' '))) AS text FROM questions
  UNION ALL
  SELECT sample_id, lower(concat_ws(' ', problem, answer, refined_cot)) FROM samples
)
SELECT DISTINCT id
FROM texts
WHERE contains(text, $one) AND contains(text, $two) AND contains(text, $three) AND contains(text, $others)
