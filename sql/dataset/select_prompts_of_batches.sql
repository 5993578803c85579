-- Which models were asked with which versions of which prompts for these growth batches, those of forgotten calls too.
SELECT DISTINCT role, model, prompt, prompt_version
FROM (
  SELECT role, model, prompt, prompt_version, batch FROM calls
  UNION ALL
  SELECT role, model, prompt, prompt_version, batch FROM forgotten_calls
)
WHERE batch IN (SELECT unnest($batches::VARCHAR[])) AND role <> 'policy'
ORDER BY role, model, prompt, prompt_version
