-- Fine-grained descriptions of a batch, each with the abilities that the batch's plan asks for.
WITH asked AS (
  SELECT coalesce(list(ability ORDER BY ability), []) AS abilities
  FROM growth_abilities
  WHERE batch = $batch AND asked
)
SELECT refined_id, image_id, text, abilities
FROM refined_descriptions, asked
WHERE batch = $batch
ORDER BY image_id
