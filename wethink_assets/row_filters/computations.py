"""Computations told in words: sums of counts, shares of a number, spans of years, means.

Belongs here: finding one in a sentence that does not hold. Does not belong here: equations (rewards/equations.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

_ONES: tuple[str, ...] = tuple("zero one two three four five six seven eight nine ten eleven twelve".split())
_NUMBER = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|" + "|".join(_ONES) + r")"
_NUMBERS = re.compile(rf"(?<![\w.,]){_NUMBER}(?![\w%°]|[.,]\d)", re.IGNORECASE)
_COUNTED = re.compile(rf"(?<![\w.,])(?P<number>{_NUMBER})\s+(?!and\b|or\b|to\b)(?=[a-z])", re.IGNORECASE)
_TOTAL = re.compile(
    r"\b(?:makes?|making|giv(?:es?|ing)|(?:so )?together (?:there are|they (?:are|make))|for a total of"
    r"|in total there are|(?:the )?(?:sum|total) is|altogether)\s+"
    rf"(?P<total>{_NUMBER})\b(?:\s+(?:in all|in total|altogether|together))?",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"(?<![\d.])(?P<share>\d+(?:\.\d+)?)\s?% of (?P<whole>{_NUMBER}) (?:is|are|equals|makes|gives) "
    rf"(?P<part>{_NUMBER})(?![\w%]|[.,]\d)",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"\b(?:from|between) (?P<first>1\d{3}|20\d{2}) (?:to|and|until) (?P<last>1\d{3}|20\d{2}),? "
    rf"(?:is|are|there are|makes|we have|lie) (?P<years>{_NUMBER}) years",
    re.IGNORECASE,
)
_MEAN = re.compile(
    rf"\b(?:average|mean) of (?P<numbers>{_NUMBER}(?:(?:, | and |, and ){_NUMBER})+) (?:is|equals|gives) "
    rf"(?P<mean>{_NUMBER})(?![\w%]|[.,]\d)",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"\b(?:about|roughly|approximately|around|nearly|almost|over|under|not|minus|less|remov\w+|without|each|per|times"
    r"|twice|of which|except)\b|[-+*/×÷=]",
    re.IGNORECASE,
)


def number(text: str) -> Fraction:
    """A number in digits or, up to twelve, in a word."""
    text = text.lower()
    return Fraction(_ONES.index(text)) if text in _ONES else Fraction(text.replace(",", ""))


def false_ones(sentence: str) -> Iterator[str]:
    """Computations in a sentence that do not hold, as they are written. Rounded results hold."""
    for match in _SHARE.finditer(sentence):
        if not _holds(number(match["share"]) * number(match["whole"]) / 100, match["part"]):
            yield match[0]
    for match in _SPAN.finditer(sentence):
        span = int(match["last"]) - int(match["first"])
        if abs(number(match["years"]) - span) > 0 and number(match["years"]) != span + 1:
            yield match[0]
    for match in _MEAN.finditer(sentence):
        numbers = [number(m[0]) for m in _NUMBERS.finditer(match["numbers"])]
        if not _holds(sum(numbers, Fraction()) / len(numbers), match["mean"]):
            yield match[0]
    yield from _false_sums(sentence)


def _false_sums(sentence: str) -> Iterator[str]:
    """Counts of groups and their total: what is counted before it, at least two groups, is the sum."""
    match = _TOTAL.search(sentence)
    if match is None or _LOOSE.search(sentence):
        return
    parts = [number(m["number"]) for m in _COUNTED.finditer(sentence[: match.start()])]
    if len(parts) >= 2 and all(part.denominator == 1 for part in parts) and not _holds(sum(parts), match["total"]):
        yield sentence


def _holds(value: Fraction | int, written: str) -> bool:
    decimals = len(written.partition(".")[2])
    return (
        abs(Fraction(value) - number(written)) <= Fraction(1, 2 * 10**decimals)
        or abs(Fraction(value) - number(written)) <= abs(Fraction(value)) / 200
    )
