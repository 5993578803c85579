"""A second look at a reply that a rule has called right: it must assert its answer, once, and of what was asked.

Belongs here: the order of what is looked for, for all types of answers; it only ever takes a `correct` away. Does not
belong here: what is looked for (doubts.py, pleas.py, taken_back.py, turned_round.py, rivals.py), finding the answer
(rule_*.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wethink_assets.rewards import (
    another_measure,
    asides,
    choice_denied,
    doubts,
    pleas,
    rivals,
    taken_back,
    turned_round,
)
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.scalars import parse_scalar, same
from wethink_assets.rewards.taken_back import Kind, Part
from wethink_assets.rewards.verdict import Verdict

_COUNTABLE = (AnswerType.NUMBER, AnswerType.QUANTITY, AnswerType.CHOICE)  # a part without one is no other answer
_MEASURED = (*_COUNTABLE, AnswerType.EXPRESSION, AnswerType.TEXT, AnswerType.INTERVAL)
_HEAD = re.compile(r"\b([A-H])\.\s(?=[a-z])")
MOST_WORDS = 5
# "12 cm, but AC = 13 cm", "so the opposite side is 12 cm as well": of another thing, by a subject of its own.
_OF_SOMETHING_ELSE = re.compile(
    r"(?:[A-Z]{2}|[Tt]he\s(?:opposite|other|next|remaining)\s\w+)\s?(?:=|is|are)\s|(?:no|none)\s[a-z]"
)


def holds(gold: TypedAnswer, text: str, rule: Callable[[TypedAnswer, str], Verdict]) -> Verdict:
    """`correct` where the reply stands, else why it does not; `rule` judged it, and judges a part that replaces it."""
    own = " ".join((clean(gold.raw), *map(clean, gold.options))).casefold()
    if text.casefold() in own or not any(c.isalpha() or c == "?" for c in text):
        return Verdict.CORRECT
    if gold.options:
        text = _HEAD.sub(r"\1 ", text)  # the stop of "C. cherry" ends no sentence
    if pleas.pleads(text, own):
        return Verdict.HEDGED
    part = taken_back.last_part(text)
    if part is not None and _is_replaced(part, rule(gold, part.text), gold.type):
        return Verdict.WRONG
    said = text if part is None or part.kind is Kind.FOLLOWS else part.sentence
    said = asides.without_asides(said, _answer(gold), is_yes_no=gold.type == AnswerType.YES_NO)
    denied_asked = choice_denied.asks_for_the_denied(gold.asked)
    if doubts.is_doubted(said, own, may_deny=denied_asked or _may_deny(gold)):
        return Verdict.HEDGED
    if _is_one(gold) and not denied_asked and _is_changed(gold, text, own):
        return Verdict.HEDGED
    if rivals.names_another(gold, text):
        return Verdict.HEDGED
    if (
        gold.type != AnswerType.YES_NO
        and _is_one(gold)
        and turned_round.says_the_opposite(text, own, _answer(gold), gold.asked)
    ):
        return Verdict.WRONG
    return Verdict.CORRECT


def _may_deny(gold: TypedAnswer) -> bool:
    """Whether a denial may be the answer itself: no, and that there is nothing to list."""
    return gold.type == AnswerType.YES_NO or (gold.type == AnswerType.SET and not gold.value)


def _is_one(gold: TypedAnswer) -> bool:
    return gold.type != AnswerType.CHOICE or len(str(gold.value)) == 1


def _is_changed(gold: TypedAnswer, text: str, own: str) -> bool:
    """Whether words around the whole reply make something else of it; "half an hour" is read with them."""
    if gold.type not in _MEASURED or gold.raw.strip() == "0":
        return False
    value = parse_scalar(text)
    if (
        value is not None
        and value.unit
        and not (value.unit.is_counted or value.unit.is_percent)
        and (wanted := parse_scalar(gold.raw)) is not None
        and same(wanted, value, gold.tolerance)
    ):
        return False
    is_amount = gold.type in (AnswerType.NUMBER, AnswerType.QUANTITY, AnswerType.EXPRESSION)
    return another_measure.touches(text, own, gold.asked, is_amount=is_amount)


def _is_replaced(part: Part, verdict: Verdict, kind: str) -> bool:
    """Whether a part with this verdict of its own gives another answer than the whole reply was called right for."""
    if part.kind is Kind.CORRECTS:
        return verdict is not Verdict.CORRECT
    if part.kind is Kind.FOLLOWS and part.is_arrow and kind in (AnswerType.LIST, AnswerType.SET):
        return False  # it sets items apart
    if part.kind is Kind.FOLLOWS and _OF_SOMETHING_ELSE.match(part.text):
        return False
    if part.kind is Kind.FOLLOWS and kind not in _COUNTABLE:
        return verdict in (Verdict.WRONG, Verdict.HEDGED) and len(part.text.split()) <= MOST_WORDS
    return verdict in (Verdict.WRONG, Verdict.HEDGED)


def _answer(gold: TypedAnswer) -> str:
    """The words of the right answer: those of its option."""
    letters = str(gold.value or "") if gold.type == AnswerType.CHOICE else ""
    place = ord(letters) - 65 if len(letters) == 1 else len(gold.options)
    return clean(gold.options[place] if place < len(gold.options) else gold.raw).casefold()
