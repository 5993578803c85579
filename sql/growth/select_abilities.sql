-- Which abilities a growth batch asks for, with the reasons.
SELECT
  batch, ability, policy, asked, aim, share, samples, proposed, gives, rated, learnable, accuracy, answers, weight, reason
FROM growth_abilities
WHERE batch = $batch
ORDER BY ability
