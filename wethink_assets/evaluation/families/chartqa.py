"""ChartQA's relaxed accuracy: numbers within 5 %, texts in any case; a family for added sets.

Belongs here: relaxed comparison with several golds. Does not belong here: equality of numbers (rewards/verifier.py).
"""

from __future__ import annotations

from dataclasses import replace

from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.evaluation.categories import by_columns
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scoring import HIDDEN, Scored, Scoring
from wethink_assets.rewards.answers import FILL_IN, AnswerType
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify

TOLERANCE = 0.05  # relative, of the set's authors


def strict(item: Item, reply: str) -> Scoring:
    """Relaxed match with one of the golds: numbers within 5 %, as the set's authors say, texts in any case."""
    final = final_answer(reply)
    if item.answer is None:
        return Scored(final.text, HIDDEN, None, "none")
    if final.text is None:
        return Scored(None, final.verdict, 0.0)
    for gold in strings_in(item.answer) or [item.answer]:
        typed = type_answer(gold, category=FILL_IN)
        if typed.type == AnswerType.NUMBER:
            typed = replace(typed, tolerance=TOLERANCE)
        if verify(typed, final.text, extracted=True) == Verdict.CORRECT:
            return Scored(final.text, Verdict.CORRECT, 1.0)
    return Scored(final.text, Verdict.WRONG, 0.0)
    yield  # a rule is a generator, also where it never asks


def vlmevalkit(item: Item, reply: str) -> Scoring:
    """VLMEvalKit's relaxed match: the reply is one of the golds.

    Numbers are equal within 5 %, a percentage counts as its hundredth, and other texts are compared in any case.
    """
    if item.answer is None:
        return Scored(reply, HIDDEN, None, "none")
    golds = strings_in(item.answer) or [item.answer]
    hit = any(relaxed(gold, reply.strip()) for gold in golds)
    return Scored(reply, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    yield  # a rule is a generator, also where it never asks


def relaxed(gold: str, answer: str) -> bool:
    """VLMEvalKit's relaxed equality of two texts, within `TOLERANCE` where both are numbers."""
    right, given = _percent(gold), _percent(answer)
    if given is not None and right:
        return abs(given - right) / abs(right) <= TOLERANCE
    return answer.lower() == gold.lower()


def _percent(text: str) -> float | None:
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


FAMILY = Family("chartqa", strict=strict, vlmevalkit=through_file(vlmevalkit), categories=by_columns("split"))
