"""Numbers that a sentence mentions, in digits and words, and where each stands: an operand, a part, a result.

Belongs here: finding the mentions, and the stance of each with computations taken apart. Does not belong here: which of
them answers the question (number_prose.py), what affirms and denies (statements.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from wethink_assets.rewards import number_words, surds
from wethink_assets.rewards.scalars import Scalar, parse_scalar
from wethink_assets.rewards.statements import Stance, stances

MENTION = re.compile(r"[-+]?(?:US)?[$€£¥]?\d[\d,]{0,30}(?:\.\d{1,30})?(?:\s*/\s*\d{1,15})?")
_TAIL = re.compile(
    r"\s*(?:(?:million|billion|trillion|thousand)\b\s*)?(?:[°%$€£](?:\s?[CF](?![A-Za-z]))?|(?:square"
    r"|cubic|sq)\s[A-Za-z]+"
    r"|[A-Za-zµμ°Ω]+(?:\s?/\s?[A-Za-z]+|\sper\s[A-Za-z]+)?(?:\s(?:squared|cubed)\b)?(?:\^?\{?\d\}?)?"
    r"|[\u4e00-\u9fff]{1,3})?"
)
YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_HAN_COUNT = re.compile(
    "(?<=[有是为共约到])([零一二两三四五六七八九十百千万亿]{1,12})(?=[个只人名本张条辆朵件棵座位支头匹岁次种层台把双枚颗块页段度米厘元年天倍])"
)
_WORDS = re.compile(
    rf"(?:\b(?:one|an?)\s(?=hundred|thousand|million|dozen|half))?{number_words.MENTION.pattern}(?:[\s-](?:and\s)?{number_words.MENTION.pattern}){{0,5}}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mention:
    span: tuple[int, int]
    scalar: Scalar
    text: str


def find(text: str) -> list[Mention]:
    """The mentions of a text in order; digits that are part of a name, as in C2H6, only where there are no others."""
    found: list[Mention] = []
    for match in MENTION.finditer(text):
        tail = _TAIL.match(text, match.end())
        written = match[0].rstrip(",")
        scalar = parse_scalar(written + (tail[0] if tail else "").rstrip()) or parse_scalar(written)
        if scalar is not None:
            found.append(Mention((match.start(), match.start() + len(written)), scalar, written))
    for match in _WORDS.finditer(text):
        word = number_words.parse(text[match.start() : match.end()])
        if word is not None and not word.rest.strip():
            found.append(Mention((match.start(), match.end()), Scalar(surds.of(word.value)), match[0].casefold()))
    for match in _HAN_COUNT.finditer(text):
        word = number_words.parse(match[1])
        if word is not None and not word.rest:
            found.append(Mention(match.span(), Scalar(surds.of(word.value)), match[0]))
    free = [m for m in found if not _is_part_of_name(text, m)]
    return sorted(free or found, key=lambda m: m.span)


def _is_part_of_name(text: str, mention: Mention) -> bool:
    """Whether digits belong to letters before them: C2H6, Carbon-14."""
    before = text[mention.span[0] - 1 : mention.span[0]] if mention.span[0] else ""
    return (
        before.isalpha()
        and before.isascii()
        and (mention.text[0].isdigit() or (mention.text[0] == "-" and before.isalpha()))
    )


def standing(text: str, mentions: Sequence[Mention]) -> list[Stance]:
    """Stances, with parts of a computation below its result."""
    found = stances(text, [m.span for m in mentions])
    for i, mention in enumerate(mentions):
        before = text[: mention.span[0]].rstrip(" $€£(")
        if before.endswith(("±", "\\pm", "<", ">", "≤", "≥")):
            found[i] = Stance.OPEN
            continue
        if (before.endswith("=") and _FORMULA_BEFORE.search(before)) or _part_of_one(text, mentions, i):
            found[i] = Stance.OPEN
            continue
        given = before.endswith(("=", "≈")) or _GIVES.search(before)
        if given and found[i] is Stance.SAID and not _more_of_it(text, mention):
            found[i] = Stance.CONCLUDED
        elif found[i] > Stance.OPEN and (_more_of_it(text, mention) or _COMPARED.search(before)):
            found[i] = Stance.OPEN
    return found


_GIVES = re.compile(r"\b(?:gives?|giving|makes|making|totall?ing|yields?|leaves)(?:\sa\stotal\sof)?$", re.IGNORECASE)
_FORMULA_BEFORE = re.compile(
    r"(?:\d\s?[abknpquvwxyz]|(?<![A-Za-z])[abknpquvwxyz](?:\s?\^\s?\{?\d\}?|[²³])|(?<![A-Za-z])[abknpquvwxyz]\s?[-+*/]\s?\w{1,6}"
    r"|\d\s?[-+*/]\s?[abknpquvwxyz])\s?=$"
)
_OPENS_PARTS = re.compile(r"\s?(?:[A-Za-z%]{1,15}\s?){0,3}[:(]\s?")


def _part_of_one(text: str, mentions: Sequence[Mention], index: int) -> bool:
    """Whether a number is one of the parts that add up to one before it: "3: two men and one woman"."""
    for first in range(index):
        whole = mentions[first]
        if not _OPENS_PARTS.match(text, whole.span[1]):
            continue
        parts = [surds.rational(m.scalar.value) for m in mentions[first + 1 :]]
        if len(parts) > 1 and None not in parts and sum(p or 0 for p in parts) == surds.rational(whole.scalar.value):
            return True
    return False


_COMPARED = re.compile(
    r"\b(?:(?:up|down|rose|fell|increase\w*|decrease\w*|grew|dropped)\sfrom|compared\s(?:to|with)"
    r"|against|vs\.?|followed\sby|including|ahead\sof|out\sof|of\s(?:the|all|these|those)|above\sthe|below\sthe|under\sthe"
    r"|over\sthe|within\sthe|than)$"
    r"|\bbetween(?:\s[$€£]?\d[\d.,]{0,12}\s?[A-Za-z°%]{0,6}\sand)?$",
    re.IGNORECASE,
)
_OPERATOR_AFTER = re.compile(
    r"\s?(?:[A-Za-z°%²³]{0,3}(?:\^\d)?)?\s?(?:[-+*/^=≈×÷]|\b(?:plus|minus|times|divided)\b)(?![A-Za-z])\s?"
)
_OPERATOR_BEFORE = re.compile(r"(?:\d[A-Za-z°%²³]{0,3}|[)])\s?[-+*/^×÷]\s?[$€£(]?$")


def _more_of_it(text: str, mention: Mention) -> bool:
    """Whether a number is an operand: of what stands before or behind it only the result is given."""
    after = text[mention.span[1] :]
    operator = _OPERATOR_AFTER.match(after)
    signed = mention.text[0] in "+-" and re.search(r"[\d)°%]\s?$", text[: mention.span[0]]) is not None
    return bool((operator and re.match(r"[\d($€£√-]|[A-Za-z]\b", after[operator.end() :])) or signed) or bool(
        _OPERATOR_BEFORE.search(text[: mention.span[0]])
        and ("=" in after or ("=" not in text and text[: mention.span[0]].rstrip(" ($").endswith("-")))
    )


_ORDINAL_ENDS = ("st", "nd", "rd", "th")


def repeats_question(text: str, mention: Mention, asked: Sequence[str]) -> bool:
    """Whether a number is one that the question names; its 31st says nothing of 31 toothpicks."""
    number = mention.text.lstrip("$€£+")
    if number not in asked:
        return False
    is_ordinal = any(a == number and b in _ORDINAL_ENDS for a, b in pairwise(asked))
    return not is_ordinal or text[mention.span[1] :].casefold().startswith(_ORDINAL_ENDS)
