"""Mathematics as VLMEvalKit scores it: MathVista, MathVision, MathVerse, DynaMath.

Belongs here: what its prefetch decides, what the judge's extraction is held against. Does not belong here: the inference of
options (options.py), arithmetic (numbers.py), worst cases (metrics.py).
"""

from __future__ import annotations

import json
import math
import string
from typing import Any

from wethink_assets.benchmark_sets.tsv import strings_in
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.scorers.choice import JudgedRule
from wethink_assets.evaluation.scorers.vlmevalkit.cells import as_read
from wethink_assets.evaluation.scorers.vlmevalkit.choice import scored
from wethink_assets.evaluation.scorers.vlmevalkit.numbers import equal
from wethink_assets.evaluation.scorers.vlmevalkit.options import infer
from wethink_assets.evaluation.scoring import HIDDEN, Item, Scored
from wethink_assets.rewards.verifier import Verdict

DYNAMATH_TOLERANCE = 0.001


def mathvista(item: Item, reply: str) -> JudgedRule:
    """A letter, or the whole reply as a number; else the judge's extraction, held against the gold in the same way.

    Known defects, kept: a free-form answer that is neither integer nor float is never right, since its text is
    dropped before it is compared, and a right integer 0 is not seen before the judge.
    """
    options = _choices(item)
    multiple = item.extra.get("question_type") == "multi_choice"
    gold = item.extra.get("answer_option") if multiple else item.answer
    kind = item.extra.get("answer_type")
    if gold is None:
        return Scored(None, HIDDEN, None, "none")

    def read(text: str) -> str | int | float | None:
        return infer(text, options) if multiple else _number(text, kind)

    def right(value: str | int | float | None) -> bool:
        return value == (gold if multiple else _number(gold, kind)) if value is not None else gold == "None"

    found = read(reply)
    if (multiple and found) or (found and right(found)):
        return _verdict(found, right(found))
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return _verdict(None, False)
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    return _verdict(text or None, right(read(as_read(text))), "judge", answer.call_id)  # it stood in a file meanwhile


def _choices(item: Item) -> dict[str, str]:
    return dict(zip(string.ascii_uppercase, strings_in(item.extra.get("choices", "")) or (), strict=False))


def _number(text: str, kind: Any) -> int | float | None:
    """As Python reads a number of the item's kind; None for any other text and kind."""
    try:
        return int(text) if kind == "integer" else float(text) if kind == "float" else None
    except ValueError:
        return None


def mathvision(item: Item, reply: str) -> JudgedRule:
    """A letter, or the whole reply equal as text or number; else the judge's extraction in the same way."""
    options = _choices(item)
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    gold = item.answer

    def right(text: str) -> bool:
        return equal(infer(text, options) or "False" if options else text, gold)

    found = infer(reply, options) if options else reply if equal(reply, gold) else None
    if found:
        return _verdict(found, equal(found, gold))
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return _verdict(None, False)
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    return _verdict(text or None, right(as_read(text)), "judge", answer.call_id)  # it stood in a file meanwhile


def mathverse(item: Item, reply: str) -> JudgedRule:
    """The judge extracts; the same text as the gold is right, else the judge says so with `question_for_eval`."""
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return Scored(None, Verdict.ERROR, None, "none")
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    if text.strip() == item.answer.strip():
        return Scored(text, Verdict.CORRECT, 1.0, "judge", answer.call_id)
    question = item.extra.get("question_for_eval") or item.question
    decided = yield judge.same_answer(item.subject, question, item.answer, text)
    correct = judge.field(decided, "correct")
    call = decided.call_id if decided else answer.call_id
    if not isinstance(correct, bool):
        return Scored(text, Verdict.ERROR, None, "judge", call)
    return _verdict(text, correct, "judge", call)


def dynamath(item: Item, reply: str) -> JudgedRule:
    """The JSON's "short answer", else the whole reply, else the judge's; a number within 0.001, a letter, or part of the gold.

    Known defects, kept: a text answer is right when it is part of the gold, so an empty reply is; without JSON any
    text is a text answer; one letter A–E anywhere in a reply is its choice.
    """
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    kind = item.extra.get("answer_type", "")
    plain = _json_part(reply)
    short = _short_answer(plain)
    found = _parsed(short, kind) if isinstance(short, str) else None
    if found is None and short is not None and kind not in ("float", "multiple choice"):
        found = str(short)  # VLMEvalKit stops with an error here
    method, call = "rule", None
    if found is None:
        found = _parsed(plain, kind)
    if found is None:
        answer = yield judge.extract_answer(item.subject, item.question, plain)
        if answer is not None:
            method, call = "judge", answer.call_id
            text = judge.field(answer, "answer")
            if not isinstance(text, str):
                return Scored(None, Verdict.ERROR, None, method, call)
            found = _parsed(text, kind)
    if kind == "float":
        gold = _float(item.answer)
        if gold is None:
            return Scored(None, Verdict.ERROR, None, "none")
        return _verdict(found, found is not None and abs(found - gold) <= DYNAMATH_TOLERANCE, method, call)
    if kind == "multiple choice":
        right = found == item.answer if found is not None else item.answer in plain[:3].upper()
        return _verdict(found, right, method, call)
    return _verdict(found, str(found).lower() in item.answer.lower(), method, call)


def _json_part(reply: str) -> str:
    start, end = reply.find("{"), reply.rfind("}")
    return (reply[start : end + 1] if 0 <= start < end else reply).replace("\\", "")


def _short_answer(text: str) -> Any:
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return found.get("short answer") if isinstance(found, dict) else None


def _parsed(text: str, kind: str) -> Any | None:
    if kind == "float":
        if text.isdigit():
            return _float(text)
        before, pi, _ = text.split(" ")[0].partition("π")
        value = _float(before)
        return None if value is None else value * math.pi if pi else value
    if kind == "multiple choice":
        if len(text) == 1:
            return text.upper()
        named = [letter for letter in "ABCDE" if letter in text.upper()]
        return named[0] if len(named) == 1 else None
    return text


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _verdict(found: Any, right: bool, method: str = "rule", call: str | None = None) -> Scored:
    return scored(None if found is None else str(found), "x" if right else None, "x", method, call)
