"""An interval between two amounts with units: "10-15 min", "2 °C to 8 °C", "$14-$28", "25 ± 0.02 mm".

Belongs here: reading the two ends, and whether two such ranges are the same. Does not belong here: intervals of plain
numbers and inequalities (intervals.py), single amounts (scalars.py).

A unit stands behind both ends or behind the last one, a currency before both or before the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from wethink_assets.rewards import surds
from wethink_assets.rewards.intervals import parse_interval
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.scalars import Scalar, parse_scalar, same

MAX_CHARS = 120
_NUMBER = r"[-+]?[$€£¥₹]?\d[\d,]{0,14}(?:\.\d{1,9})?"
_UNIT = r"(?:\s?(?!to\b|and\b|until\b|till\b|through\b|or\b)[A-Za-zµμΩ°%$€£/²³^\d]{1,12}){0,2}"
_TO = r"(?:-|~|…|\.\.\.|(?:to|until|till|through|up to)\b)"
_RANGE = re.compile(
    rf"(?:(?:from|between)\s)?(?:[a-z]\s?=\s?)?({_NUMBER}{_UNIT})\s?{_TO}\s?(?:[a-z]\s?=\s?)?({_NUMBER}{_UNIT})"
)
_BETWEEN = re.compile(
    rf"between\s(?:[a-z]\s?=\s?)?({_NUMBER}{_UNIT})\sand\s(?:[a-z]\s?=\s?)?({_NUMBER}{_UNIT})", re.IGNORECASE
)
_BRACKETS = re.compile(r"[\[(]\s?([^][(),;]{1,24})[,;]\s?([^][(),;]{1,24})[\])]\s?([A-Za-zµμΩ°%][^\d]{0,12})?")
_SPREAD = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s?(?:±|\\pm(?![a-z])|\+/-)\s?(\d{1,9}(?:\.\d{1,6})?)\s?(\D{0,12})")
_UNSIGNED = re.compile(r"(?<![\w.)])\+(?=\d)")


@dataclass(frozen=True)
class Range:
    low: Scalar
    high: Scalar

    @property
    def has_unit(self) -> bool:
        return self.low.unit is not None and not self.low.unit.is_counted


def parse(text: str) -> Range | None:
    """The range that the whole text is, with or without a unit; None for any other text."""
    text = _UNSIGNED.sub("", clean(text))
    if len(text) > MAX_CHARS or not any(map(str.isdigit, text)):
        return None
    if match := _SPREAD.fullmatch(text):
        middle, half = Decimal(match[1]), Decimal(match[2])
        return _between(f"{middle - half} {match[3]}", f"{middle + half} {match[3]}")
    if match := _BRACKETS.fullmatch(text):
        return _between(f"{match[1]} {match[3] or ''}", f"{match[2]} {match[3] or ''}")
    if match := _BETWEEN.fullmatch(text) or _RANGE.fullmatch(text):
        return _between(match[1], match[2])
    plain = parse_interval(text)
    return _between(plain[0], plain[1]) if plain is not None and "∞" not in plain[0] + plain[1] else None


def same_range(gold: Range, reply: Range) -> bool:
    return same(gold.low, reply.low) and same(gold.high, reply.high)


def mentioned(text: str) -> Iterator[Range]:
    """The ranges that stand in a sentence, each beside other words."""
    for pattern in (_BETWEEN, _RANGE):
        for match in pattern.finditer(_UNSIGNED.sub("", text[: 4 * MAX_CHARS])):
            if (found := _between(match[1], match[2])) is not None:
                yield found


def _between(low: str, high: str) -> Range | None:
    a, b = parse_scalar(low), parse_scalar(high)
    if a is None or b is None:
        return None
    if a.unit is None:
        a = replace(a, unit=b.unit)
    elif b.unit is None:
        b = replace(b, unit=a.unit)
    if (a.unit and a.unit.is_counted) or (b.unit and b.unit.is_counted):
        return None
    if same(a, b) or not _rises(a, b):
        return None
    return Range(a, b)


def _rises(a: Scalar, b: Scalar) -> bool:
    if a.unit != b.unit:
        return True  # 90 s to 2 min: whoever writes so does not turn them round
    low, high = surds.rational(a.value), surds.rational(b.value)
    return low is not None and high is not None and low < high
