"""Model calls from the inside: routes to endpoints, the ledger, budgets, what goes over the wire and what comes back.

Belongs here: one idea a module, all of them plain classes and functions without Dagster.
Does not belong here: what other rooms import: `resources.requests` (plain data), `resources.call_engine` (a plain class),
`resources.model_calls` (the Dagster resource).
"""
