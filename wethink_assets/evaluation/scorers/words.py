"""Words and letters: LogicVista, HallusionBench, OCRBench and MMVet.

Belongs here: their rules an item. Does not belong here: question pairs and figures (metrics.py).
"""

from __future__ import annotations

import re
from dataclasses import replace

from wethink_assets.benchmark_sets.tsv import strings_in
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.extraction import said
from wethink_assets.evaluation.scorers.choice import JudgedRule
from wethink_assets.evaluation.scoring import HIDDEN, NO_REPLY, Item, Scored
from wethink_assets.rewards.answers import FILL_IN, AnswerType, TypedAnswer, type_answer
from wethink_assets.rewards.judge import refused
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.verifier import Verdict, verify

_LETTER = re.compile(r"[A-Za-z]")
CHART_TOLERANCE = 0.05  # relative
_FORMULA = "handwritten mathematical expression recognition"
_YES_NO = {"yes": "yes", "no": "no", "1": "yes", "0": "no", "true": "yes", "false": "no"}


def logicvista(item: Item, reply: str) -> JudgedRule:
    """The set of letters of the reply equals the gold's: an answer can have several."""
    if item.answer is None:
        return Scored(said(reply).text, HIDDEN, None, "none")
    letters = "".join(sorted({c.upper() for c in _LETTER.findall(item.answer)}))
    if not letters or not re.fullmatch(r"[A-Za-z\s,;&]+", item.answer):
        return NO_REPLY
    gold = TypedAnswer(AnswerType.CHOICE, item.answer, letters)
    found = said(reply)
    if found.text is None:
        return Scored(None, found.verdict, 0.0)
    verdict = verify(gold, found.text, extracted=True)
    if verdict in (Verdict.CORRECT, Verdict.WRONG) or (found.final and verdict == Verdict.HEDGED):
        return Scored(found.text, verdict, float(verdict == Verdict.CORRECT))
    answer = yield judge.extract_answer(item.subject, item.question, found.text)
    if answer is None:
        return Scored(found.text, verdict, 0.0)
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    verdict = verify(gold, text, extracted=True) if text.strip() else Verdict.UNPARSEABLE
    return Scored(text or None, verdict, float(verdict == Verdict.CORRECT), "judge", answer.call_id)


def hallusion(item: Item, reply: str) -> JudgedRule:
    """Yes or no; the judge says which where the words do not."""
    if item.answer is None:
        return Scored(said(reply).text, HIDDEN, None, "none")
    wanted = _YES_NO.get(item.answer.strip().lower())
    if wanted is None:
        return NO_REPLY
    found = said(reply)
    if found.text is None:
        return Scored(None, found.verdict, 0.0)
    for word in ("yes", "no"):
        if verify(TypedAnswer(AnswerType.YES_NO, word, word), found.text, extracted=True) == Verdict.CORRECT:
            hit = word == wanted
            return Scored(word, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    answer = yield judge.choose_option(item.subject, item.question, ("Yes", "No"), found.text)
    if answer is None:
        return Scored(None, Verdict.UNPARSEABLE, 0.0)
    letter = judge.field(answer, "letter")
    if letter not in ("A", "B"):
        unclear = letter == judge.NONE
        verdict = Verdict.UNPARSEABLE if unclear else Verdict.ERROR
        return Scored(None, verdict, 0.0 if unclear else None, "judge", answer.call_id)
    word = "yes" if letter == "A" else "no"
    hit = word == wanted
    return Scored(word, Verdict.CORRECT if hit else Verdict.WRONG, float(hit), "judge", answer.call_id)


def ocrbench(item: Item, reply: str) -> JudgedRule:
    """Any gold stands in the reply, in any case; formulas without their spaces. Whole words only: 12 is not in 123."""
    if item.answer is None:
        return Scored(said(reply).text, HIDDEN, None, "none")
    golds = strings_in(item.answer) or [item.answer]
    found = said(reply)
    if found.text is None:
        return Scored(None, found.verdict, 0.0)
    formula = (item.category or "").strip().lower() == _FORMULA
    hit = any(_stands_in(gold, found.text, formula) for gold in golds)
    return Scored(found.text, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    yield  # a rule is a generator, also where it never asks


def _stands_in(gold: str, text: str, formula: bool) -> bool:
    if formula:
        wanted = "".join(gold.split())
        return bool(wanted) and wanted in "".join(text.split())
    wanted, said_ = " ".join(gold.lower().split()), " ".join(text.lower().split())
    if not wanted:
        return False
    before = r"(?<![a-z0-9])" if wanted[0].isascii() and wanted[0].isalnum() else ""
    after = r"(?![a-z0-9])" if wanted[-1].isascii() and wanted[-1].isalnum() else ""
    return re.search(before + re.escape(wanted) + after, said_) is not None


def chartqa(item: Item, reply: str) -> JudgedRule:
    """One of the golds: numbers within 5 %, as the set's authors say, texts in any case."""
    if item.answer is None:
        return Scored(said(reply).text, HIDDEN, None, "none")
    found = said(reply)
    if found.text is None:
        return Scored(None, found.verdict, 0.0)
    for gold in strings_in(item.answer) or [item.answer]:
        typed = type_answer(gold, category=FILL_IN)
        if typed.type == AnswerType.NUMBER:
            typed = replace(typed, tolerance=CHART_TOLERANCE)
        if verify(typed, found.text, extracted=True) == Verdict.CORRECT:
            return Scored(found.text, Verdict.CORRECT, 1.0)
    return Scored(found.text, Verdict.WRONG, 0.0)
    yield  # a rule is a generator, also where it never asks


def mmvet(item: Item, reply: str) -> JudgedRule:
    """The judge's grade in tenths. Replies that plead, echo or flood score 0 without being shown to it."""
    if item.answer is None:
        return Scored(said(reply).text, HIDDEN, None, "none")
    found = said(reply)
    if found.text is None:
        return Scored(None, found.verdict, 0.0)
    if refused(item.question, found.text):
        return Scored(found.text, Verdict.UNPARSEABLE, 0.0)
    if "<AND>" not in item.answer and fold(found.text) in {fold(g) for g in item.answer.split("<OR>")} - {""}:
        return Scored(found.text, Verdict.CORRECT, 1.0)
    answer = yield judge.grade_answer(item.subject, item.question, item.answer, found.text)
    if answer is None:
        return Scored(found.text, Verdict.ERROR, None, "none")
    grade = judge.tenth(answer)
    if grade is None:
        return Scored(found.text, Verdict.ERROR, None, "judge", answer.call_id)
    return Scored(found.text, Verdict.CORRECT if grade >= 0.5 else Verdict.WRONG, grade, "judge", answer.call_id)
