-- How far judges agreed with the known tiers of one set, asked with one version of the rubric prompt.
SELECT model, pairs, scored, kappa, exact, near, too_high
FROM judge_calibrations
WHERE prompt_version = $prompt_version AND set_version = $set_version
ORDER BY model
