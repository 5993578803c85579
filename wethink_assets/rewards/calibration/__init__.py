"""How far a judge agrees with known tiers: the pairs, the requests, and the agreement.

Belongs here: pairs.jsonl (question, gold, reply, the tier that the rubric gives, set by hand [D]) and quadratic
weighted kappa. Does not belong here: asking (resources), storing (rewards/assets.py) and the check (rewards/gates.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.accounting import content_id
from wethink_assets.rewards import judge
from wethink_assets.rewards.answers import DESCRIPTIVE
from wethink_assets.rewards.gold_types import type_answer

PAIRS = Path(__file__).with_name("pairs.jsonl")


@dataclass(frozen=True)
class Pair:
    question: str
    gold: str
    reply: str
    tier: float


@dataclass(frozen=True)
class Agreement:
    """`kappa` is None where it has no value (no clear tier at all, or one tier only).

    `exact` and `near` are shares of all pairs.
    """

    pairs: int
    scored: int
    kappa: float | None
    exact: float
    near: float
    too_high: int


def pairs() -> list[Pair]:
    return [Pair(**json.loads(line)) for line in PAIRS.read_text("utf-8").splitlines()]


def set_version() -> str:
    """Hash of the pairs, so that a measurement is one of these pairs and no others."""
    return content_id([asdict(pair) for pair in pairs()])[:12]


def requests(known: Sequence[Pair]) -> list[ModelRequest]:
    golds = [type_answer(pair.gold, category=DESCRIPTIVE) for pair in known]
    return [
        judge.build_request(p.question, gold, p.reply, subject_id=f"calibration {i}")
        for i, (p, gold) in enumerate(zip(known, golds, strict=True), 1)
    ]


def agreement(known: Sequence[Pair], replies: Sequence[ModelReply | None]) -> Agreement:
    """A pair without a clear tier counts against `exact` and `near`, and leaves kappa to the others.

    `near` is at most one tier away; `too_high` counts replies of known tier 0 that got half of the points or more.
    """
    given = [judge.parse(reply) for reply in replies]
    both = [(pair.tier, tier) for pair, tier in zip(known, given, strict=True) if tier is not None]
    near = sum(abs(a - b) <= 0.25 for a, b in both)
    return Agreement(
        pairs=len(known),
        scored=len(both),
        kappa=weighted_kappa([a for a, _ in both], [b for _, b in both]),
        exact=sum(a == b for a, b in both) / max(1, len(known)),
        near=near / max(1, len(known)),
        too_high=sum(a == 0 and b >= 0.5 for a, b in both),
    )


def weighted_kappa(known: Sequence[float], given: Sequence[float]) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen 1968): 1 minus observed over expected squared disagreement."""
    if not known:
        return None
    observed = sum((a - b) ** 2 for a, b in zip(known, given, strict=True)) / len(known)
    by_known, by_given = Counter(known), Counter(given)
    expected = sum((a - b) ** 2 * n * m for a, n in by_known.items() for b, m in by_given.items()) / len(known) ** 2
    return 1 - observed / expected if expected else None
