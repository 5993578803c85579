"""Open-answer matching: a number, an expression or a text, compared by the verifier, or copied out by the judge first.

Belongs here: the order of rule, extraction by the judge and comparison. Does not belong here: equality of numbers and
expressions (rewards/verifier.py), options (choice.py).
"""

from __future__ import annotations

from wethink_assets.evaluation import judge
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import HIDDEN, Scored, Scoring
from wethink_assets.rewards.answers import FILL_IN, TypedAnswer
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify

_UNDECIDED = (Verdict.UNPARSEABLE, Verdict.HEDGED)


def compare_open(item: Item, reply: str, *, tolerance: float | None = None) -> Scoring:
    """Compare an open answer by the verifier; where it finds none, the judge copies it out of the reply first.

    `tolerance` is the absolute difference within which two numbers are equal, beside the verifier's own.
    """
    answer = final_answer(reply)
    if item.answer is None:
        return Scored(answer.text, HIDDEN, None, "none")
    if answer.text is None:
        return Scored(None, answer.verdict, 0.0)
    gold = typed_gold(item)
    verdict = _compare(gold, answer.text, tolerance)
    if verdict == Verdict.CORRECT or (answer.marked and verdict == Verdict.WRONG):
        return Scored(answer.text, verdict, float(verdict == Verdict.CORRECT))
    if answer.marked and verdict not in _UNDECIDED:
        return Scored(answer.text, verdict, None)
    judged = yield judge.extract_answer(item.subject, item.question, answer.text)
    if judged is None:
        return Scored(answer.text, verdict, 0.0)
    text = judge.field(judged, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", judged.call_id)
    if not text.strip():
        return Scored(None, Verdict.UNPARSEABLE, 0.0, "judge", judged.call_id)
    verdict = _compare(gold, text, tolerance)
    score = None if verdict in (Verdict.ERROR, Verdict.TIMEOUT) else float(verdict == Verdict.CORRECT)
    return Scored(text, verdict, score, "judge", judged.call_id)


def typed_gold(item: Item) -> TypedAnswer:
    """The item's gold as a fill-in answer of the type that its text has."""
    return type_answer(item.answer or "", category=FILL_IN, question="")


def _compare(gold: TypedAnswer, text: str, tolerance: float | None) -> Verdict:
    verdict = verify(gold, text, extracted=True)
    if verdict == Verdict.WRONG and tolerance is not None:
        right, given = _float(gold.raw), _float(text)
        if right is not None and given is not None and abs(right - given) <= tolerance:
            return Verdict.CORRECT
    return verdict


def _float(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", ""))
    except (ValueError, OverflowError):
        return None
