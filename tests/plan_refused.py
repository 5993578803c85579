"""An extension whose blocking check refuses one batch's plan: what a person sees of a check that stops a run."""

from __future__ import annotations

from wethink_assets.extensions import Extension
from wethink_assets.gates import Gate, Outcome, Scope

REFUSED = "refused"  # the batch


def _judge(scope: Scope) -> Outcome:
    return Outcome(scope.batch != REFUSED, f"the plan of {scope.batch}")


GATE = Gate("plan_is_wanted", "A batch that nobody wanted.", _judge, blocking=True)
EXTENSION = Extension("plan_is_wanted", gates={"growth_plan": (GATE,)})
