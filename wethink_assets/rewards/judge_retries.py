"""Asking the judge, and asking again for what failed: at the end, only that, and a bounded number of times.

Belongs here: which judgements are asked for again, and how. Does not belong here: the prompt and the tiers (judge.py),
pauses between attempts (the call engine keeps them), sending.

A call that ended by a time-out, a lost connection or a server error is not in the ledger, so the very same request is
made again, now and in the next run. A reply that stayed unusable after its repair, or a refusal, is in the ledger for
good and equal requests get it back: such a judgement is asked for with another seed, which is a call of its own with
its own cost and record. What the ledger gives back costs nothing and uses up no pass, so the next run goes on behind
the unusable replies of the last one; a refusal is one for good and only asked for again in later runs where
`refused_again`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from resources.calls.messages import EndpointUnreachableError, ModelReply, ModelRequest, TooManyFailedError
from wethink_assets.rewards import judge

CallModels = Callable[[list[ModelRequest]], Sequence[ModelReply | None]]
PASSES = 2
MOST_SEEDS = 24  # a judgement that no seed makes usable, over several runs, is given up
# Of failed calls the ledger keeps these, and http_4xx (resources/calls/messages.py, resources/calls/refusals.py).
_UNUSABLE = frozenset(("invalid_reply", "length", "empty"))
_REFUSED = frozenset(("refusal", "content_filter", "refused_repeatedly"))


def is_clear(reply: ModelReply | None) -> bool:
    """Whether a judgement of the rubric is a tier."""
    return judge.parse(reply) is not None


def ask_until_clear(
    ask: CallModels,
    requests: Sequence[ModelRequest],
    *,
    passes: int = PASSES,
    clear: Callable[[ModelReply], bool] = is_clear,
    refused_again: bool = False,
) -> list[Any]:
    """Replies aligned with `requests`; those that are not `clear` were asked for again, at most `passes` times.

    Raises:
        CallsError: no call can be made. An endpoint that is lost only in a later pass costs the rows that wait for it
            alone.
    """
    replies: list[Any] = [None] * len(requests)
    seeds, paid = [0] * len(requests), [0] * len(requests)
    new_calls: set[str] = set()  # calls of this run: a second row with an equal request gets one back, too
    waiting, first = list(range(len(requests))), True
    while waiting:
        try:
            latest = ask([_seeded(requests[i], seeds[i]) for i in waiting])
        except (EndpointUnreachableError, TooManyFailedError):
            if first:
                raise
            break  # these rows stay failed, and are asked for in the next run
        first = False
        new_calls |= {reply.call_id for reply in latest if reply is not None and not reply.reused}
        for i, reply in zip(waiting, latest, strict=True):
            replies[i] = reply
            paid[i] += reply is None or not reply.reused or reply.call_id in new_calls
            seeds[i] += _is_kept(reply)
        waiting = [
            i
            for i in waiting
            if not clear(replies[i])
            and paid[i] <= passes
            and seeds[i] <= (passes if _is_final(replies[i]) and not refused_again else MOST_SEEDS)
        ]
    return replies


def _seeded(request: ModelRequest, number: int) -> ModelRequest:
    """The request; with another seed where the ledger holds a useless reply to it."""
    return (
        replace(request, parameters={**request.parameters, "seed": request.parameters.get("seed", 0) + number})
        if number
        else request
    )


def _is_kept(reply: ModelReply | None) -> bool:
    """Whether an equal request would get this reply again: every reply but a failure that may pass."""
    return reply is not None and (reply.ok or reply.error in _UNUSABLE or _is_final(reply))


def _is_final(reply: ModelReply | None) -> bool:
    """Whether the endpoint or the model will not answer this, today or later."""
    error = (reply.error or "") if reply is not None else ""
    return error in _REFUSED or error.startswith("http_4")
