-- Questions without ability synergy (reasoning and a further ability), or whose options do not fit their category.
SELECT question_id, question, category, abilities
FROM questions
WHERE batch = $batch
  AND (
    NOT list_contains(abilities, 'reasoning')
    OR NOT list_has_any(abilities, ['recognition', 'ocr', 'knowledge', 'spatial', 'math'])
    OR category NOT IN ('MC', 'FIB', 'DES')
    OR (category = 'MC') <> (len(options) >= 2)
  )
LIMIT 20
