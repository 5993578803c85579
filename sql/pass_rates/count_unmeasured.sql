-- Training rows of a release without a pass rate of a policy.
SELECT count(*) AS n
FROM release_rows r
ANTI JOIN pass_rates p ON p.sample_id = r.sample_id AND p.policy_id = $policy_id
WHERE r.release_id = $release_id AND r.split = 'train'
