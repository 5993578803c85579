-- Policies that learned from these releases.
SELECT release_id, policy_id, kind, parent_id, seconds FROM policies WHERE release_id IN (SELECT unnest($ids)) ORDER BY policy_id
