"""LogicVista: logical reasoning with one or several right letters per item.

Belongs here: comparing sets of letters. Does not belong here: one option of several (scorers/choice.py).
"""

from __future__ import annotations

import re

from wethink_assets.evaluation import judge
from wethink_assets.evaluation.categories import by_columns
from wethink_assets.evaluation.extraction import final_answer
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scorers.vlmevalkit.cells import through_file
from wethink_assets.evaluation.scorers.vlmevalkit.verdicts import judge_failed, scored
from wethink_assets.evaluation.scoring import HIDDEN, NO_REPLY, Scored, Scoring
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify

_LETTER = re.compile(r"[A-Za-z]")
_GOLD = re.compile(r"[\s,;&]*[A-Za-z][A-Za-z\s,;&]*")
_NO_PARTS = " ,;&\n\t"


def strict(item: Item, reply: str) -> Scoring:
    """The set of letters of the reply equals the gold's: an answer can have several."""
    final = final_answer(reply)
    if item.answer is None:
        return Scored(final.text, HIDDEN, None, "none")
    letters = "".join(sorted({c.upper() for c in _LETTER.findall(item.answer)}))
    if not letters or not re.fullmatch(r"[A-Za-z\s,;&]+", item.answer):
        return NO_REPLY
    gold = TypedAnswer(AnswerType.CHOICE, item.answer, letters)
    if final.text is None:
        return Scored(None, final.verdict, 0.0)
    verdict = verify(gold, final.text, extracted=True)
    if verdict in (Verdict.CORRECT, Verdict.WRONG) or (final.marked and verdict == Verdict.HEDGED):
        return Scored(final.text, verdict, float(verdict == Verdict.CORRECT))
    answer = yield judge.extract_answer(item.subject, item.question, final.text)
    if answer is None:
        return Scored(final.text, verdict, 0.0)
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    verdict = verify(gold, text, extracted=True) if text.strip() else Verdict.UNPARSEABLE
    return Scored(text or None, verdict, float(verdict == Verdict.CORRECT), "judge", answer.call_id)


def vlmevalkit(item: Item, reply: str) -> Scoring:
    """The letters that the judge reads in the reply are the gold's, in any order; no number without a judge."""
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return Scored(None, Verdict.ERROR, None, "none")
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return judge_failed(answer)
    letters = "".join(c for c in text if c not in _NO_PARTS)
    if not (letters.isupper() and letters.isalpha()):
        return scored(None, None, item.answer, "judge", answer.call_id)
    gold = "".join(sorted(part.lower() for part in item.answer.split(", ")))
    return scored(letters, "".join(sorted(letters.lower())), gold, "judge", answer.call_id)


def peculiar(item: Item) -> str | None:
    """Golds that are no letters: options of one published question are numbered."""
    if item.answer is None or _GOLD.fullmatch(item.answer):
        return None
    return f"the gold {item.answer[:20]!r} is no letter: VLMEvalKit takes no reply for it, and strict scores none"


FAMILY = Family(
    "logicvista",
    strict=strict,
    vlmevalkit=through_file(vlmevalkit),
    needs_judge=True,
    peculiar=peculiar,
    judge_prompts=("extract_answer",),
    categories=by_columns("skill"),
)
