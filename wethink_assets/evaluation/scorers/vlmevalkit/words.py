"""Words and letters as VLMEvalKit scores them: LogicVista, HallusionBench, OCRBench, MMVet, ChartQA.

Belongs here: its rules an item. Does not belong here: figures and question pairs (metrics.py).
"""

from __future__ import annotations

import re

from wethink_assets.benchmark_sets.tsv import strings_in
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.scorers.choice import JudgedRule
from wethink_assets.evaluation.scorers.vlmevalkit.choice import scored
from wethink_assets.evaluation.scoring import HIDDEN, Item, Scored
from wethink_assets.rewards.verifier import Verdict

FORMULA = "Handwritten Mathematical Expression Recognition"
RELAXED = 0.05  # relative, of ChartQA's authors
_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_GROUPED_DIGITS = re.compile(r"\d,\d")
_STOP = re.compile(r"(?<!\d)\.(?!\d)")
_STOPS_REMOVED = 32  # VLMEvalKit hands a flag where the count belongs, so that this many stops go and no more
_NO_PARTS = " ,;&\n\t"


def logicvista(item: Item, reply: str) -> JudgedRule:
    """The letters that the judge reads in the reply are the gold's, in any order. Without a judge there is no number."""
    if item.answer is None:
        return Scored(None, HIDDEN, None, "none")
    answer = yield judge.extract_answer(item.subject, item.question, reply)
    if answer is None:
        return Scored(None, Verdict.ERROR, None, "none")
    text = judge.field(answer, "answer")
    if not isinstance(text, str):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    letters = "".join(c for c in text if c not in _NO_PARTS)
    if not (letters.isupper() and letters.isalpha()):
        return scored(None, None, item.answer, "judge", answer.call_id)
    gold = "".join(sorted(part.lower() for part in item.answer.split(", ")))
    return scored(letters, "".join(sorted(letters.lower())), gold, "judge", answer.call_id)


def hallusion(item: Item, reply: str) -> JudgedRule:
    """ "Yes" or "No" among the words but not both; else the judge says which."""
    word = yes_or_no(reply)
    if word is not None:
        return scored(word, word, item.answer)
    answer = yield judge.choose_option(item.subject, item.question, ("Yes", "No"), reply)
    if answer is None:
        return scored(None, "Unknown", item.answer)
    letter = judge.field(answer, "letter")
    if letter not in ("A", "B", judge.NONE):
        return Scored(None, Verdict.ERROR, None, "judge", answer.call_id)
    word = {"A": "Yes", "B": "No"}.get(letter)
    return scored(word, word or "Unknown", item.answer, "judge", answer.call_id)


def yes_or_no(reply: str) -> str | None:
    """The one of the two words that stands in the reply after VLMEvalKit's handling of punctuation."""
    text = reply.lower()
    grouped = _GROUPED_DIGITS.search(text) is not None
    plain = text
    for mark in _PUNCTUATION:
        # beside a space it vanishes, else it becomes one: "yes,it" are two words, "yes , it" too
        beside = grouped or f"{mark} " in text or f" {mark}" in text
        plain = plain.replace(mark, "" if beside else " ")
    words = _STOP.sub("", plain, count=_STOPS_REMOVED).split()
    yes, no = "yes" in words, "no" in words
    return None if yes == no else "Yes" if yes else "No"


def ocrbench(item: Item, reply: str) -> JudgedRule:
    """Any gold is part of the reply, in lower case; in formulas without spaces, case kept. So 12 is right in 123."""
    if item.answer is None:
        return Scored(reply, HIDDEN, None, "none")
    golds = strings_in(item.answer) or [item.answer]
    formula = item.category == FORMULA

    def plain(text: str) -> str:
        text = text if formula else text.lower()
        text = text.strip().replace("\n", " ")
        return text.replace(" ", "") if formula else text

    said = plain(reply)
    hit = any(plain(gold) in said for gold in golds)
    return Scored(reply, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    yield  # a rule is a generator, also where it never asks


def mmvet(item: Item, reply: str) -> JudgedRule:
    """The judge's grade in tenths, of the whole reply. Without a judge there is no number."""
    if item.answer is None:
        return Scored(reply, HIDDEN, None, "none")
    answer = yield judge.grade_answer(item.subject, item.question, item.answer, reply)
    grade = judge.tenth(answer)
    if grade is None:
        return Scored(reply, Verdict.ERROR, None, "none" if answer is None else "judge", answer and answer.call_id)
    return Scored(reply, Verdict.CORRECT if grade >= 0.5 else Verdict.WRONG, grade, "judge", answer.call_id)


def chartqa(item: Item, reply: str) -> JudgedRule:
    """The reply is one of the golds: numbers within 5 %, a percentage as its hundredth, other texts in any case."""
    if item.answer is None:
        return Scored(reply, HIDDEN, None, "none")
    golds = strings_in(item.answer) or [item.answer]
    hit = any(relaxed(gold, reply.strip()) for gold in golds)
    return Scored(reply, Verdict.CORRECT if hit else Verdict.WRONG, float(hit))
    yield  # a rule is a generator, also where it never asks


def relaxed(gold: str, said: str) -> bool:
    wanted, given = _percent(gold), _percent(said)
    if given is not None and wanted:
        return abs(given - wanted) / abs(wanted) <= RELAXED
    return said.lower() == gold.lower()


def _percent(text: str) -> float | None:
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None
