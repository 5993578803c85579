-- The kind of a policy: base, rl, or external where evaluate was told of it.
SELECT kind FROM policies WHERE policy_id = $policy_id
