"""Asking the judge, and asking again for what failed: at the end, only that, and a bounded number of times.

Belongs here: which judgements are asked for again, and how. Does not belong here: the prompt and the tiers (judge.py),
pauses between attempts (the call engine keeps them), sending.

A call that ended by a time-out, a lost connection or a server error is not in the ledger, so the very same request is
made again. A reply that stayed unusable after its repair, or a refusal, is in the ledger for good and equal requests get
it back: such a judgement is asked for with another seed, which is a call of its own with its own cost and record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from resources.requests import EndpointUnreachable, ModelReply, ModelRequest, TooManyFailed
from wethink_assets.rewards import judge

Ask = Callable[[list[ModelRequest]], Sequence[ModelReply | None]]
PASSES = 2
# Of failed calls the ledger keeps these, and http_4xx (resources/requests.py).
LASTING = frozenset(("refusal", "invalid_reply", "length", "empty", "content_filter"))


def is_clear(reply: ModelReply | None) -> bool:
    """Whether a judgement of the rubric is a tier."""
    return judge.parse(reply) is not None


def ask_until_clear(
    ask: Ask, requests: Sequence[ModelRequest], *, passes: int = PASSES, clear: Callable[[ModelReply], bool] = is_clear
) -> list[Any]:
    """Replies aligned with `requests`; those that are not `clear` were asked for again, at most `passes` times.

    Raises:
        CallsError: no call can be made. An endpoint that is lost only in a later pass costs the rows that wait for it alone.
    """
    asked = list(requests)
    replies = list(ask(asked)) if asked else []
    for number in range(1, passes + 1):
        waiting = [i for i, reply in enumerate(replies) if not clear(reply)]
        if not waiting:
            break
        again = [_again(requests[i], replies[i], number) for i in waiting]
        try:
            found = ask(again)
        except (EndpointUnreachable, TooManyFailed):
            break  # these rows stay failed, and are asked for in the next run
        for i, reply in zip(waiting, found, strict=True):
            replies[i] = reply
    return replies


def _again(request: ModelRequest, reply: ModelReply | None, number: int) -> ModelRequest:
    """The same request, or where its failure is kept for good the same with another seed."""
    if reply is None or not reply.ok and reply.error not in LASTING and not (reply.error or "").startswith("http_4"):
        return request
    return replace(request, parameters={**request.parameters, "seed": request.parameters.get("seed", 0) + number})
