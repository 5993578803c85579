"""Server loss while a policy is asked: a server that dies in mid-run costs only the items that it did not answer.

Belongs here: what is left when an endpoint cannot be used any more. Does not belong here: sending (resources/),
requests (prompts.py), starting a server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from resources.calls.messages import EndpointUnreachableError, ModelReply, ModelRequest
from resources.calls.thinking import identity
from wethink_assets.settings import EndpointSettings

Run = Callable[[Sequence[ModelRequest]], list[ModelReply]]
LOST = "server_lost"


class Ledger(Protocol):
    """The part of the call ledger that is needed here."""

    def known(self, ids: Sequence[str]) -> set[str]: ...


def ask_policy(
    requests: Sequence[ModelRequest], endpoint: EndpointSettings, run: Run, ledger: Ledger
) -> tuple[list[ModelReply], str | None]:
    """A policy's replies in order, and what went wrong with the server, if anything did.

    A question that the server left unanswered is a failed reply with the reason `server_lost`; it is asked in the next
    run.

    Raises:
        EndpointUnreachableError: not one question was ever answered.
    """
    try:
        return run(requests), None
    except EndpointUnreachableError as error:
        ids = [identity(r, endpoint) for r in requests]
        known = ledger.known(list(dict.fromkeys(ids)))
        if not known:
            raise
        answered = iter(run([r for r, i in zip(requests, ids, strict=True) if i in known]))
        problem = str(error)
        return [next(answered) if i in known else _lost(i, endpoint.model, problem) for i in ids], problem


def _lost(identity: str, model: str, why: str) -> ModelReply:
    return ModelReply(
        call_id=identity,
        ok=False,
        text="",
        parsed=None,
        reasoning=None,
        error=LOST,
        detail=why[:500],
        model=model,
        reused=False,
        cost=0.0,
        prompt_tokens=0,
        completion_tokens=0,
    )
