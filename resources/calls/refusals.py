"""Refusals that may pass: counted over runs, asked again by each of a bounded number of them, then set aside.

Belongs here: which refusals count, and what stands for a call that is asked no more. Does not belong here: telling a
refusal that may pass from one for good (endpoint.py), keeping the count (ledger.py). Light: nothing of HTTP.

A proxy that is set up wrongly for an hour refuses what the model would answer, so its word is not kept as a call's end.
But what it refuses every time, as a picture that is too large for it, would be asked by every run for ever. A run in
which nothing at all was answered says nothing of single calls, unless it asked for nothing but what was refused before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from resources.calls.ledger import CallContext
from resources.calls.messages import ModelRequest
from wethink_assets.settings import EndpointSettings

if TYPE_CHECKING:
    from resources.calls.endpoint import Endpoint
    from resources.calls.rows import Outcome

REPEATED = "refused_repeatedly"  # the reason of a row whose call is asked no more


@dataclass(frozen=True)
class Refusal:
    """A call that was refused in this run. `row`: of `refused_calls`."""

    endpoint: Endpoint
    row: dict[str, Any]


def refusal(call_id: str, request: ModelRequest, outcome: Outcome, caller: CallContext, at_most: float) -> Refusal:
    """`call_id` is the call's identity at the endpoint that refused it, `at_most` what it may cost when answered."""
    endpoint = outcome.endpoint
    return Refusal(
        endpoint,
        {
            "call_id": call_id,
            "run_id": caller.run_id,
            "role": request.role,
            "model": endpoint.settings.model,
            "endpoint": endpoint.name,
            "prompt": request.prompt,
            "error": outcome.error,
            "detail": outcome.failure.detail if outcome.failure else None,
            "at_most": at_most,
            "asset": caller.asset,
            "batch": caller.batch,
            "refused_at": datetime.now(UTC),
        },
    )


def that_count(refusals: Sequence[Refusal], asked: Iterable[str], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of `refused_calls` to keep. `asked`: what the run had to ask; `before`: what was refused in earlier runs.

    What an endpoint refuses altogether is about the set-up, and counts for no call.
    """
    only_again = before.keys() >= set(asked)
    return [one.row for one in refusals if only_again or one.endpoint.answered]


def set_aside(
    call_id: str, request: ModelRequest, choices: Sequence[EndpointSettings], found: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """What stands in the place of a ledger row once a call was refused often enough; None while it is to be asked.

    found: rows of calls/find_refused, of the call's identity at each of its role's endpoints.
    """
    runs = sum(row["runs"] for row in found)
    if runs < max(choice.refused_runs for choice in choices):
        return None
    last = found[-1]
    empty = ("served_model", "reply", "reasoning", "parsed", "finish_reason", "prompt_tokens", "completion_tokens")
    return {
        **dict.fromkeys(empty),
        "call_id": call_id,
        "role": request.role,
        "model": choices[0].model,
        "status": "failed",
        "error": REPEATED,
        "detail": f"refused in {runs} runs, the last time as {last['error']} ({last['detail'] or 'no reason given'}): "
        "see `wethink calls refused`; `wethink calls forget` lets it be asked again",
        "attempts": 0,
        "cost": 0.0,
    }
