"""Filters of questions: the answer stands in the question, or two options are right.

Belongs here: what a question gives away by its text. Does not belong here: whether it can be answered (synthesis asks).
"""

from __future__ import annotations

import re

from wethink_assets.rewards.answers import DESCRIPTIVE, FILL_IN, MULTIPLE_CHOICE, AnswerType
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.row_filters.candidate import Candidate

_CHOICE = re.compile(r"\bor\b|\b(?:which|what) of\b|\bwhich one\b|\bamong\b|\bbetween\b|还是|或", re.IGNORECASE)
_COMPARED = {AnswerType.NUMBER, AnswerType.QUANTITY, AnswerType.EXPRESSION, AnswerType.TEXT}
LEAST_LETTERS = 3


def answer_in_question(row: Candidate) -> str | None:
    """A fill-in question that holds its own answer as whole words, and offers no choice of words ("red or blue?").

    Numbers and short words are passed over: they stand in questions for other reasons.
    """
    if row.category != FILL_IN or row.gold.type not in (AnswerType.TEXT, AnswerType.OCR):
        return None
    answer, question = fold(row.answer), fold(row.question)
    if sum(c.isalpha() for c in answer) < LEAST_LETTERS or _CHOICE.search(row.question):
        return None
    if re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", question):
        return f"the question holds its answer {row.answer[:80]!r}"
    return None


def two_right_options(row: Candidate) -> str | None:
    """A multiple-choice question with a second option that says the same as the right one, such as 0.5 beside 1/2."""
    if row.category != MULTIPLE_CHOICE or row.gold.type == AnswerType.FREE_FORM:
        return None
    letter = str(row.gold.value or "")
    right = row.answer_text
    gold = type_answer(right, category=FILL_IN, question=row.question)
    if gold.type not in _COMPARED:
        return None
    for position, option in enumerate(row.options):
        if chr(65 + position) == letter:
            continue
        if fold(option) == fold(right) or verify(gold, option, extracted=True) == Verdict.CORRECT:
            return f"options {letter} ({right[:60]!r}) and {chr(65 + position)} ({option[:60]!r}) say the same"
    return None


def judged(row: Candidate) -> bool:
    """Whether the answer is free text that no rule reads."""
    return row.category == DESCRIPTIVE or row.gold.type == AnswerType.FREE_FORM
