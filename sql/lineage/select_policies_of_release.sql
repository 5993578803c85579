-- Policies that learned from a release.
SELECT policy_id, kind, parent_id, seconds FROM policies WHERE release_id = $release_id ORDER BY policy_id
