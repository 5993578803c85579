"""Verdicts in VLMEvalKit's sense: equal to the gold or not, by rule or by the judge.

Belongs here: from a comparison to a `Scored`. Does not belong here: any comparison (families/, options.py, numbers.py).
"""

from __future__ import annotations

import string
from typing import Any

from resources.calls.messages import ModelReply
from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import HIDDEN, Scored
from wethink_assets.rewards.verdict import Verdict


def scored(
    extracted: str | None, given: str | None, gold: str | None, method: str = "rule", call: str | None = None
) -> Scored:
    """Equal to the gold or not; a hidden gold scores nothing."""
    if gold is None:
        return Scored(extracted, HIDDEN, None, method, call)
    if given == gold:
        return Scored(extracted, Verdict.CORRECT, 1.0, method, call)
    return Scored(extracted, Verdict.UNPARSEABLE if extracted is None else Verdict.WRONG, 0.0, method, call)


def decided(extracted: Any, right: bool, method: str = "rule", call: str | None = None) -> Scored:
    """Right or wrong, with what was read in the reply in any type; None where nothing was."""
    return scored(None if extracted is None else str(extracted), "x" if right else None, "x", method, call)


def judge_failed(answer: ModelReply) -> Scored:
    """The judge's reply is not what it was asked for."""
    return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)


def listed_choices(item: Item) -> dict[str, str]:
    """Options by letter that the file lists in one cell, `choices`."""
    return dict(zip(string.ascii_uppercase, strings_in(item.extra.get("choices", "")) or (), strict=False))
