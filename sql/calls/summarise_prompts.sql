-- What each growth batch asked with the latest version of each prompt that it used, what it paid, and one call to compare the file with.
WITH versions AS (
  SELECT prompt, batch, prompt_version, role, model, count(*) AS calls, sum(coalesce(prompt_tokens, 0)) AS prompt_tokens,
         sum(coalesce(completion_tokens, 0)) AS completion_tokens, sum(cost) AS cost, max(created_at) AS last,
         any_value(messages) AS messages, any_value(parameters) AS parameters,
         list(DISTINCT asset ORDER BY asset) AS assets
  FROM calls
  WHERE role <> 'policy'
  GROUP BY ALL
)
SELECT prompt, batch, prompt_version, role, model, calls, CAST(prompt_tokens AS BIGINT) AS prompt_tokens,
       CAST(completion_tokens AS BIGINT) AS completion_tokens, cost, messages, parameters, assets
FROM versions
QUALIFY prompt_version = first_value(prompt_version) OVER (PARTITION BY prompt, batch ORDER BY last DESC)
ORDER BY prompt, batch, model
