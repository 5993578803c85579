"""Rival answers: a second one that a reply gives beside the right one, joined to it by nothing that chooses.

Belongs here: options, numbers and words that stand as an answer of their own beside the gold: "B and C", "24 m, 34 m".
Does not belong here: which of several is chosen by the words of a sentence (statements.py).
"""

from __future__ import annotations

import re
from itertools import pairwise

from wethink_assets.rewards import asked_words, choice_mentions, number_mentions
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.scalars import parse_scalar, same
from wethink_assets.rewards.statements import Stance, stances

MAX_CHARS = 400
MAX_UNIT = 16
# Words between two answers that only set one beside the other.
_BESIDE = re.compile(
    r"[\s.,;:/)(\]\[*\"'$→—–-]*+(?:(?:and|or|also|plus|then|so|hence|therefore|thus|making|i\.e\.|that|which|it|this|is|the|answer|option"
    r"|choice|final|with|final\sanswer|an?)[\s.,;:/)(\[*\"'$→—–-]++){0,6}",
    re.IGNORECASE,
)
_LETTER_WITH_ITS_OWN = re.compile(r"([A-H])[).:]\s\(?(?:the letter )?([A-Z])\)?[.!]?")  # "A) C", where option A is C
_JOINED = re.compile(r"\s?(?:,\s?)?(?:and|or|/|&)\s", re.IGNORECASE)


def names_another(gold: TypedAnswer, text: str) -> bool:
    """Whether the reply gives another answer beside the right one."""
    if len(text) > MAX_CHARS:
        return False
    if gold.type == AnswerType.CHOICE and len(str(gold.value)) == 1:
        return _another_option(gold, text)
    if gold.type in (AnswerType.NUMBER, AnswerType.QUANTITY):
        return _another_number(gold, text) or _of_its_landmark(gold, text)
    return False


def _another_option(gold: TypedAnswer, text: str) -> bool:
    folded = [fold(option) for option in gold.options]
    if (own := _LETTER_WITH_ITS_OWN.fullmatch(text)) and ord(own[1]) - 65 < len(folded):
        return folded[ord(own[1]) - 65] != own[2].casefold()
    found = choice_mentions.find(text, gold.options, folded)
    if len({letter for _, letter in found}) < 2:
        return False
    said = stances(text, [span for span, _ in found])
    (last_start, last_end), last = found[-1]
    if last != gold.value and said[-1] >= Stance.SAID and not text[last_end:].strip(" .!)*$]\"'}"):
        own = next((span for span, letter in reversed(found[:-1]) if letter == gold.value), None)
        if own is not None and _BESIDE.fullmatch(text[own[1] : last_start]) is not None:
            return True
    (_, first_end), first = found[0]
    return (
        first != gold.value
        and not text[: found[0][0][0]].strip(" .(*$[\"'{")
        and said[0] >= Stance.SAID
        and found[1][1] == gold.value
        and _BESIDE.fullmatch(text[first_end : found[1][0][0]]) is not None
    )


def _another_number(gold: TypedAnswer, text: str) -> bool:
    wanted = parse_scalar(gold.raw)
    if wanted is None or parse_scalar(text) is not None:
        return False
    found = number_mentions.find(text)
    for left, right in pairwise(found):
        between = text[left.span[1] : right.span[0]]
        unit = " " + between.strip().split(" ")[0] if between.strip() else ""
        joint = between[len(unit) :] if unit and left.scalar.unit else between
        if _JOINED.fullmatch(joint) and same(wanted, left.scalar) and not same(wanted, right.scalar):
            rest = text[right.span[1] :].strip(" .!")
            counted = left.scalar.unit is not None and left.scalar.unit.is_counted
            if not rest or (counted and rest == unit.strip()):
                return True
            if left.scalar.unit and not counted and (len(rest) <= MAX_UNIT and not any(map(str.isdigit, rest))):
                return True
    return False


_RELATIONS = frozenset("next beside left right above below before after behind opposite".split())


def _of_its_landmark(gold: TypedAnswer, text: str) -> bool:
    """Whether another number is said of what stands next to the thing, which is what the question asks for."""
    relations = _RELATIONS & set(gold.asked)
    wanted = parse_scalar(gold.raw)
    if not relations or wanted is None:
        return False
    own = other = False
    for mention in number_mentions.find(text):
        beside = not relations.isdisjoint(asked_words.clause(text, mention.span).casefold().split())
        own = own or (beside and same(wanted, mention.scalar))
        other = other or (beside and not same(wanted, mention.scalar) and mention.text not in gold.asked)
    return other and not own
