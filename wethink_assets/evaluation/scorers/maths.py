"""Mathematics: MathVista, MathVision, MathVerse and DynaMath.

Belongs here: their golds and the order of rule, extraction by the judge and comparison.
Does not belong here: equality of numbers and expressions (rewards/verifier.py), averages and worst cases (metrics.py).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from wethink_assets.benchmark_sets.tsv import strings_in
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.extraction import said
from wethink_assets.evaluation.scorers.choice import JudgedRule, choose, option_letters
from wethink_assets.evaluation.scoring import HIDDEN, Item, Scored
from wethink_assets.rewards.answers import FILL_IN, AnswerType, TypedAnswer, type_answer
from wethink_assets.rewards.verifier import Verdict, verify

_CHOICE_LINE = re.compile(r"^[^\S\n]*\(?([A-H])\)?\s*[:.]\s*(.+?)\s*$", re.MULTILINE)
_UNDECIDED = (Verdict.UNPARSEABLE, Verdict.HEDGED)
DYNAMATH_TOLERANCE = 1e-3


def mathvista(item: Item, reply: str) -> JudgedRule:
    """Multiple choice by letter; else the answer as a number or text, taken out by the judge where no rule can."""
    if item.extra.get("question_type") == "multi_choice":
        options = strings_in(item.extra.get("choices", "")) or list(item.options)
        return (yield from choose(item, reply, options, _option_letter(item, options)))
    return (yield from free(item, reply))


def mathvision(item: Item, reply: str) -> JudgedRule:
    """Options where there are any; else equal as text, number or expression."""
    options = strings_in(item.extra.get("choices", "")) or list(item.options)
    if options and (item.answer or "").strip().upper() in option_letters(options):
        return (yield from choose(item, reply, options, item.answer))
    return (yield from free(item, reply))


def mathverse(item: Item, reply: str) -> JudgedRule:
    """Options are lines of the question. What no rule decides, the judge decides with `question_for_eval`."""
    options = [text for _, text in _CHOICE_LINE.findall(item.question)]
    if (item.answer or "").strip().upper() in option_letters(options):
        return (yield from choose(item, reply, options, item.answer))
    scored = yield from free(item, reply)
    if scored.extracted is None or scored.score is None or scored.verdict == Verdict.CORRECT:
        return scored
    gold = item.answer or ""
    if scored.verdict == Verdict.WRONG and _typed(item).type not in (AnswerType.TEXT, AnswerType.OCR):
        return scored  # another number is another number: no judge is needed for that
    question = item.extra.get("question_for_eval") or item.question
    answer = yield judge.same_answer(item.subject, question, gold, scored.extracted)
    if answer is None:
        return scored
    correct = judge.field(answer, "correct")
    if not isinstance(correct, bool):
        return Scored(scored.extracted, Verdict.ERROR, None, "judge", answer.call_id)
    verdict = Verdict.CORRECT if correct else Verdict.WRONG
    return Scored(scored.extracted, verdict, float(correct), "judge", answer.call_id)


def dynamath(item: Item, reply: str) -> JudgedRule:
    """The "short answer" of a JSON reply, or the answer part; numbers within 0.001, options by letter, texts equal."""
    short = short_answer(reply)
    text = reply if short is None else f"<answer>{short}</answer>"
    if item.extra.get("answer_type", "").strip().lower() == "multiple choice":
        letter = (item.answer or "").strip().strip("().").upper()
        options = _inline_options(item.question)
        if letter in option_letters(options):
            return (yield from choose(replace(item, answer=letter), text, options, letter))
    return (yield from free(item, text, absolute=DYNAMATH_TOLERANCE))


def free(item: Item, reply: str, *, absolute: float | None = None) -> JudgedRule:
    """An open answer compared by the verifier; where it finds none, the judge copies it out of the reply first."""
    if item.answer is None:
        return Scored(said(reply).text, HIDDEN, None, "none")
    found = said(reply)
    if found.text is None:
        return Scored(None, found.verdict, 0.0)
    gold = _typed(item)
    verdict = _compare(gold, found.text, absolute)
    if verdict == Verdict.CORRECT or (found.final and verdict == Verdict.WRONG):
        return Scored(found.text, verdict, float(verdict == Verdict.CORRECT))
    if found.final and verdict not in _UNDECIDED:
        return Scored(found.text, verdict, None)
    answer = yield judge.extract_answer(item.subject, item.question, found.text)
    if answer is None:
        return Scored(found.text, verdict, 0.0)
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    if not text.strip():
        return Scored(None, Verdict.UNPARSEABLE, 0.0, "judge", answer.call_id)
    verdict = _compare(gold, text, absolute)
    score = None if verdict in (Verdict.ERROR, Verdict.TIMEOUT) else float(verdict == Verdict.CORRECT)
    return Scored(text, verdict, score, "judge", answer.call_id)


def short_answer(reply: str) -> str | None:
    """The value of "short answer" in a JSON object, which may stand in a fence or after other text."""
    start, end = reply.find("{"), reply.rfind("}")
    if start < 0 or end < start or end - start > 20_000:
        return None
    try:
        found = json.loads(reply[start : end + 1])
    except (ValueError, RecursionError):
        return None
    value = found.get("short answer") if isinstance(found, dict) else None
    return str(value).strip() or None if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def _typed(item: Item) -> TypedAnswer:
    return type_answer(item.answer or "", category=FILL_IN, question="")


def _compare(gold: TypedAnswer, text: str, absolute: float | None) -> Verdict:
    verdict = verify(gold, text, extracted=True)
    if verdict == Verdict.WRONG and absolute is not None:
        wanted, given = _float(gold.raw), _float(text)
        if wanted is not None and given is not None and abs(wanted - given) <= absolute:
            return Verdict.CORRECT
    return verdict


def _float(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", ""))
    except (ValueError, OverflowError):
        return None


def _option_letter(item: Item, options: list[str]) -> str | None:
    """MathVista names the right option by its letter, and in `answer` by its text."""
    named = (item.extra.get("answer_option") or "").strip().upper()
    if named in option_letters(options):
        return named
    for letter, text in zip(option_letters(options), [o for o in options if o], strict=True):
        if text.strip() == (item.answer or "").strip():
            return letter
    return None if item.answer is None else "?"


def _inline_options(question: str) -> list[str]:
    """Options written as "(A) Yes (B) No" within a question."""
    parts = re.split(r"\(([A-H])\)", question)
    found = dict(zip(parts[1::2], (p.strip(" ,;\n") for p in parts[2::2]), strict=False))
    letters = option_letters(["x"] * 8)
    return [found[letter] for letter in letters if letter in found] if list(found) == letters[: len(found)] else []
