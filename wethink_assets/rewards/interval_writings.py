"""Intervals in words and signs that only name them: |x| < 2, x ≠ 0, "5 or greater", "all positive numbers", "de 2 a 5".

Belongs here: the same as brackets or inequalities, for a reply to a gold that is an interval. Does not belong here:
reading those (intervals.py), sentences around them (interval_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import pairwise

from wethink_assets.rewards import interval_prose
from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION

MAX_CHARS = 120
_NUMBER = r"-?\d{1,9}(?:\.\d{1,6})?"
_MODULUS = re.compile(
    rf"^(?:\\left)?\|\s?([A-Za-z])\s?(?:([-+])\s?({_NUMBER})\s?)?(?:\\right)?\|\s?(<=|>=|[<>≤≥]|\\[lg]eq?)\s?({_NUMBER})"
)
_HOLES = re.compile(
    r"^(?:(?:[A-Za-z]\s?(?:∈|\\in)\s?)?(?:\\mathbb\s?\{?R\}?|ℝ|R|all real numbers|all reals|(?:all|any"
    r"|every) (?:real )?(?:numbers?|values?)"
    r"(?: of [a-z])?|(?:all|any|every) (?:real )?[a-z])\s?(?:\\setminus|\\backslash|\\|-|except(?: for)?|but"
    r"|other than|without|apart from"
    r"|where|with|such that|,)\s?(?:[a-z]\s?=\s?)?|[A-Za-z]\s?)"
    r"(?:[A-Za-z]\s?)?(?:(?:≠|\\neq?|!=|/=)\s?)?"
    rf"(?:\\?\{{\s?)?({_NUMBER}(?:\s?(?:,|and|,\sand)\s?(?:[A-Za-z]\s?(?:≠|\\neq?)\s?)?{_NUMBER}){{0,3}})\s?(?:\\?\}})?",
    re.IGNORECASE,
)
_UNEQUAL = re.compile(
    r"≠|\\neq?(?![a-z])|!=|\\setminus|\\backslash|\\\s?\\?\{|except|\bbut\b|other than|without|apart from",
    re.IGNORECASE,
)
_HALF_LINES = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (
            rf"(?:all (?:values|numbers) )?({_NUMBER}) (?:or|and) (?:greater|more|higher|above|larger|up|over|older)",
            "≥",
        ),
        (rf"({_NUMBER}) (?:or|and) (?:less|fewer|lower|below|smaller|under|younger)", "≤"),
        (
            rf"(?:at least|no less than|not less than|a minimum of|from) ({_NUMBER})(?: (?:up|on|onwards?|upwards?))?",
            "≥",
        ),
        (rf"(?:at most|no more than|not more than|up to|a maximum of) ({_NUMBER})", "≤"),
        (
            rf"(?:everything |anything |all (?:values|numbers) )?(?:more|greater|larger|higher) than ({_NUMBER})",
            ">",
        ),
        (rf"(?:everything |anything |all (?:values|numbers) )?(?:less|smaller|lower) than ({_NUMBER})", "<"),
    )
)
_ALL_OF_IT = re.compile(r"^all (?:real )?([a-z]) (?=greater|less|larger|smaller|between|at)", re.IGNORECASE)
_SIGNED = re.compile(
    r"^(?:all |the |every |any )?(strictly )?(non-?)?(positive|negative)(?: and zero)?(?: real)?(?: numbers?"
    r"| reals?| values?)?",
    re.IGNORECASE,
)
_SIGNED_HAN = re.compile("^(?:所有|全体)?(非)?(正|负)(?:实)?数")
_ABROAD = re.compile(
    r"^(?:de|desde|von|entre|zwischen|da|tra|ab)?\s?(-?\d{1,9}(?:[.,]\d{1,4})?)\s?(?:a|à|bis|hasta|und|et|y|e|al|do|até)\s?"
    r"(-?\d{1,9}(?:[.,]\d{1,4})?)(?:\s(?:años|ans|jahren?|anni|anos|minuten?|minutes|minutos|stunden|heures|horas|tage|jours"
    r"|días|prozent|euros?|grad|degrés|grados))?",
    re.IGNORECASE,
)
_YEARS_HAN = re.compile(
    r"^(?:从)?(\d{1,4})(?:年|岁|元|度|米|个)?\s?(?:到|至|-|~)\s?(\d{1,4})(?:年|岁|元|度|米|个)?(?:间|之间|期间)?"
)
_WHEN_HAN = re.compile(r"^(?:当|在)\s?([^\u4e00-\u9fff]{3,60}?)\s?(?:时|上|内|之间)")

_PART = r"[\[(][^\[\]()]{1,40},[^\[\]()]{1,40}[\])]"
_UNDEFINED = re.compile(r"\b(?:undefined|discontinuous)\b", re.IGNORECASE)
_UNION = re.compile(rf"{_PART}(?:\s?(?:∪|\\cup|U|and|or|,)\s?{_PART}){{1,4}}")


def union_in_sentence(text: str, asked: Collection[str]) -> Iterator[str]:
    """The one union of intervals of a sentence: "f is defined on (-3, 0) ∪ (0, 3)"."""
    if len(text) > MAX_CHARS or any(p.search(text) for p in (NEGATION, DENIED, HEDGE)):
        return
    found = list(_UNION.finditer(text))
    if len(found) != 1:
        return
    before, after = text[: found[0].start()], text[found[0].end() :]
    if any(map(str.isdigit, before + after)) or BOUND.search(before + after):
        return
    if _UNDEFINED.search(before + after):
        return
    if not interval_prose.of_another(before, asked) and not re.search(r"[()\[\]{}<>∩∪]", before + after):
        yield re.sub(r"(?<=[\])])\s?(?:U|and|or|,)\s?(?=[\[(])", " ∪ ", found[0][0])


def of(text: str) -> Iterator[str]:
    """The reply in brackets or as an inequality, for each of these writings that it is as a whole."""
    if len(text) > MAX_CHARS:
        return
    if match := _MODULUS.fullmatch(text):
        yield from _of_modulus(match)
    if _UNEQUAL.search(text) and (match := _HOLES.fullmatch(text)):
        yield _around(re.findall(_NUMBER, match[1]))
    if match := _ALL_OF_IT.match(text):
        yield f"{match[1]} is {text[match.end() :]}"
    for pattern, sign in _HALF_LINES:
        if match := pattern.fullmatch(text):
            yield f"x {sign} {match[1]}"
    if (match := _SIGNED.fullmatch(text)) and not (match[1] and match[2]):
        yield _half_line(match[3].casefold() == "positive", denied=match[2] is not None, zero="zero" in text.casefold())
    if match := _SIGNED_HAN.fullmatch(text):
        yield _half_line(match[2] == "正", denied=match[1] is not None)
    if match := _ABROAD.fullmatch(text):
        yield f"{match[1].replace(',', '.')} to {match[2].replace(',', '.')}"
    if match := _WHEN_HAN.fullmatch(text):
        yield match[1].strip()
    if match := _YEARS_HAN.fullmatch(text):
        yield f"{match[1]} to {match[2]}"


def _half_line(positive: bool, *, denied: bool, zero: bool = False) -> str:
    """Positive is (0, ∞), non-negative [0, ∞), negative (-∞, 0), non-positive (-∞, 0]."""
    if positive != denied:
        return f"{'[' if denied or zero else '('}0, ∞)"
    return f"(-∞, 0{']' if denied or zero else ')'}"


def _of_modulus(match: re.Match[str]) -> Iterator[str]:
    middle = Decimal(match[3] or 0) * (-1 if match[2] == "+" else 1)
    radius = Decimal(match[5])
    if radius <= 0:
        return
    low, high = f"{middle - radius:f}", f"{middle + radius:f}"
    closed = match[4] not in ("<", ">")
    if match[4][0] == "<" or match[4][:2] == "\\l" or match[4] == "≤":
        yield f"[{low}, {high}]" if closed else f"({low}, {high})"
    else:
        yield f"(-∞, {low}{'] ∪ [' if closed else ') ∪ ('}{high}, ∞)"


def _around(numbers: list[str]) -> str:
    """The real numbers without some, as intervals."""
    ends = ["-∞", *sorted(numbers, key=Decimal), "∞"]
    return " ∪ ".join(f"({a}, {b})" for a, b in pairwise(ends))
