-- Rule samples of a batch as committed, for a fresh pass of the verifier.
SELECT sample_id, answer, answer_typed
FROM samples
WHERE batch = $batch AND reward = 'rule'
ORDER BY sample_id
