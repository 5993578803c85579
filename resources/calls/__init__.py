"""Model calls: each distinct request once, from the ledger or from an OpenAI-compatible endpoint.

Other rooms import `messages` (plain data), `engine` (a plain class) and `resource` (the Dagster resource); the other
modules are the inside: routes to endpoints, the ledger, budgets, what goes over the wire and what comes back, one idea
per module. Does not belong here: what a stage asks of a model (the domain's rooms).
"""
