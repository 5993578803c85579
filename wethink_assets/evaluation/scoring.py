"""Scoring a set's items: one rule per item, written as a generator, with the judge's calls batched over all items.

Belongs here: what a verdict and a rule are, the names of the scorers, and running a rule over many items. Does not
belong here: what an item is (item.py), any rule (families/), sending requests (the caller hands in `ask`), numbers over
a whole set (metrics.py). Pure.

A rule is a generator: it yields the request of each judge call that it needs and gets the reply, or None where no
judge may be asked; it returns the verdict. So a rule reads from top to bottom, and still the
judge is asked about all items of all sets at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, replace

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.evaluation.item import Item
from wethink_assets.rewards.verdict import Verdict

# `strict` is ours: the final answer, compared by the verifier that training rewards with. `vlmevalkit` is VLMEvalKit's,
# for numbers that stand beside its leaderboards, one scorer for each of its versions (scorers/vlmevalkit/versions.py).
STRICT, VLMEVALKIT, VLMEVALKIT_2026_11 = "strict", "vlmevalkit", "vlmevalkit_2026_11"
SCORERS = (STRICT, VLMEVALKIT, VLMEVALKIT_2026_11)
HIDDEN = "hidden"  # the set keeps its gold to itself
MAX_ROUNDS = 4

CallModels = Callable[[list[ModelRequest]], Sequence[ModelReply]]


@dataclass(frozen=True)
class Scored:
    """The verdict on one reply: `score` is 0–1 in the set's own metric, None where there is none.

    `method` is rule, judge or none. `lost`: there is nothing to decide, since the call failed or the gold is unusable.
    """

    extracted: str | None
    verdict: str
    score: float | None
    method: str = "rule"
    judge_call_id: str | None = None
    lost: bool = False


Scoring = Generator[ModelRequest, ModelReply | None, Scored]
Rule = Callable[[Item, str], Scoring]

NO_REPLY = Scored(None, Verdict.ERROR, None, "none", lost=True)


def score_items(tasks: Sequence[tuple[Rule, Item, str | None]], ask: CallModels | None) -> list[Scored]:
    """Score replies: verdicts aligned with `tasks` of rule, item and reply; a reply of None is a call that failed.

    An exception within one item is that item's error. Without `ask` rules go without a judge.
    """
    done: list[Scored | None] = [NO_REPLY if reply is None else None for _, _, reply in tasks]
    running: dict[int, Scoring] = {}
    pending: dict[int, ModelRequest] = {}
    undecided: set[int] = set()
    for position, (rule, item, reply) in enumerate(tasks):
        if reply is not None:
            running[position] = rule(item, reply)
            _step(running, pending, done, undecided, position, None)
    for _ in range(MAX_ROUNDS):
        if not pending:
            break
        positions, requests = list(pending), list(pending.values())
        pending.clear()
        if ask is None:
            undecided.update(positions)
        replies: Sequence[ModelReply | None] = [None] * len(requests) if ask is None else ask(requests)
        for position, answer in zip(positions, replies, strict=True):
            _step(running, pending, done, undecided, position, answer)
    return [verdict or NO_REPLY for verdict in done]


def _step(
    running: dict[int, Scoring],
    pending: dict[int, ModelRequest],
    done: list[Scored | None],
    undecided: Collection[int],
    position: int,
    answer: ModelReply | None,
) -> None:
    try:
        pending[position] = running[position].send(answer)
    except StopIteration as stop:
        # a judge that could not be asked leaves the item undecided, whatever the rule made of it
        unasked = position in undecided
        done[position] = replace(stop.value, method="none") if unasked else stop.value
    except Exception:  # noqa: BLE001 - a hostile gold or reply is one row's error, never the set's
        done[position] = NO_REPLY
