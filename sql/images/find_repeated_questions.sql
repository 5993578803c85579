-- Questions that repeat an item of an evaluation set: written apart from the gate that drops them (contamination.py),
-- from the same rule and the same words, so that it can find the gate's mistakes.
-- `asked` (subject, words), `items` (item, words) and `cores` (item, words: the question within an item that wraps it)
-- are given with the connection; words hold one space between each two.
WITH asked_grams AS (
  SELECT DISTINCT subject, array_to_string(list[i : i + $n - 1], ' ') AS gram
  FROM (SELECT subject, string_split(words, ' ') AS list FROM asked), unnest(range(1, len(list) - $n + 2)) AS t(i)
),
all_item_grams AS (
  SELECT DISTINCT words, array_to_string(list[i : i + $n - 1], ' ') AS gram
  FROM (SELECT DISTINCT words, string_split(words, ' ') AS list FROM items), unnest(range(1, len(list) - $n + 2)) AS t(i)
),
boilerplate AS (
  SELECT gram FROM all_item_grams GROUP BY gram HAVING count(*) > $boilerplate
),
item_grams AS (
  SELECT * FROM all_item_grams ANTI JOIN boilerplate USING (gram)
),
shared AS (
  SELECT a.subject, i.words, count(*) AS grams
  FROM asked_grams a
  JOIN item_grams i USING (gram)
  GROUP BY a.subject, i.words
),
sizes AS (
  SELECT words, count(*) AS grams FROM item_grams GROUP BY words
),
runs AS (
  SELECT DISTINCT s.subject, s.words, array_to_string(list[i : i + $long - 1], ' ') AS run
  FROM (SELECT s.*, string_split(a.words, ' ') AS list FROM shared s JOIN asked a USING (subject)) AS s,
    unnest(range(1, len(list) - $long + 2)) AS t(i)
  WHERE contains(' ' || s.words || ' ', ' ' || array_to_string(list[i : i + $long - 1], ' ') || ' ')
),
found AS (
  SELECT a.subject, w.words, 'same words' AS how
  FROM asked a
  JOIN (SELECT words FROM items UNION SELECT words FROM cores) w USING (words)
  WHERE len(string_split(a.words, ' ')) >= $min_words
  UNION ALL
  SELECT s.subject, s.words, 'item in question'
  FROM shared s
  JOIN sizes z USING (words)
  WHERE s.grams >= $share * z.grams
  UNION ALL
  SELECT s.subject, s.words, 'question in item'
  FROM shared s
  JOIN asked a USING (subject)
  WHERE len(string_split(a.words, ' ')) >= $part AND contains(' ' || s.words || ' ', ' ' || a.words || ' ')
  UNION ALL
  SELECT subject, words, 'words in a row'
  FROM runs r
  WHERE NOT EXISTS (SELECT 1 FROM boilerplate b WHERE contains(' ' || r.run || ' ', ' ' || b.gram || ' '))
)
SELECT f.subject, min(n.item) AS item, min(f.how) AS how
FROM found f
JOIN (SELECT item, words FROM items UNION ALL SELECT item, words FROM cores) n USING (words)
GROUP BY f.subject
ORDER BY f.subject
