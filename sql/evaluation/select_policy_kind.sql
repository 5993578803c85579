-- The kind of a policy: base, sft, rl, or external where evaluate was told of it.
SELECT kind FROM policies WHERE policy_id = $policy_id
