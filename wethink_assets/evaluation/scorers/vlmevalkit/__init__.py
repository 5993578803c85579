"""VLMEvalKit compatibility: what its score rules share, defects and all, for numbers beside its leaderboards.

Belongs here: its inference, arithmetic and table reader, from its public code (state of May 2026), each defect named
where it is reproduced. Does not belong here: the rule of one family (families/), our own verdicts (the modules above),
numbers over a whole set (metrics.py).

Three things are deliberately not reproduced: nothing that a model or a file says is evaluated as code, so where
`eval` gave a value of a call or a name, there is none here; where three judge calls failed and an option was
drawn at random, the item is left out and counted; a judge is asked with our prompts, in a schema, at temperature 0.
"""
