-- The policy that the scoreboard calls the trained one, and the release that it learned from.
SELECT policy_id, release_id
FROM policies
WHERE release_id IS NOT NULL AND policy_id IN (SELECT rl_id FROM scoreboard WHERE benchmark = 'heldout')
