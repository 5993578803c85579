"""Equations in a reply: whether one between plain numbers does not hold, 13 = 12, or gives a formula's value, 2x = 7.

Belongs here: finding what stands beside a sign of equality. Does not belong here: whether two formulas are the same
(algebra.py), sentences without an equation (number_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from wethink_assets.rewards import exact
from wethink_assets.rewards.scalars import Scalar, parse_scalar, same


def fails(text: str) -> bool:
    """Whether an equation between plain numbers in the text does not hold: 13 = 12."""
    sides = re.split(r"(?<![<>!≠≤≥=])=(?!=)", text)
    for left, right in pairwise(sides):
        a, b = _number_at_end(left), _number_at_start(right)
        if a is not None and b is not None and not (same(a, b) or same(b, a) or _nearly(a, b)):
            return True
    return False


_END = re.compile(r"(?:^|[:,;=]|(?<![\\\w])[A-Za-z]{2,}\s)\s*([$€£]?[\d(\\√π][^=,;:A-Za-z]{0,60}[A-Za-z%°]{0,4})\s*$")
_OPERATOR = re.compile(r"\d[^\d]{0,6}[-+*/^×÷]|\\(?:times|frac|cdot|div|sqrt)|√|\d!")
_START = re.compile(r"\s*([-+]?[$€£]?[\d(\\√π][^=,;:]{0,60}?)(?=$|[,;=.](?!\d)|\s[A-Za-z]{2,})")


_OF_VARIABLES = re.compile(r"[a-z]\s[a-z]\s?\^")  # m v^2 is a product and no unit


def _number_at_end(text: str) -> Scalar | None:
    """The whole side, or the computation behind its last word: "Angle 1 = 65" is about angle 1 and no equation of 1."""
    if _OF_VARIABLES.search(text):
        return None
    if (whole := parse_scalar(text.strip())) is not None:
        formula = whole.unit is not None and whole.unit.is_counted and (whole.attached or "^" in text)
        return None if formula else whole
    match = _END.search(text[-90:])
    return parse_scalar(match[1]) if match and _OPERATOR.search(match[1]) else None


def _number_at_start(text: str) -> Scalar | None:
    return parse_scalar(text.strip()) or ((m := _START.match(text[:90])) and parse_scalar(m[1])) or None


def _nearly(a: Scalar, b: Scalar) -> bool:
    """Rounded in the last digit that is written, or a unit on one side only."""
    x, y = exact.rational(a.value), exact.rational(b.value)
    if x is None or y is None:
        try:
            return abs(exact.approximate(a.value) - exact.approximate(b.value)) <= 0.01 * abs(
                exact.approximate(a.value)
            )
        except OverflowError:
            return False
    places = b.decimals or 0
    return (b.decimals or 0) > 0 and abs(x - y) <= Fraction(1, 10**places)


_FORMULA_SIDE = re.compile(
    r"(?:^|[\s(,:$])((?:\d+(?:\.\d+)?\s?\*?\s?[abknpquvwxyz]|[abknpquvwxyz](?:\s?\^\s?\{?\d\}?|[²³])"
    r"|[abknpquvwxyz]\s?[-+*/]\s?[\dabknpquvwxyz]{1,6}|\d{1,6}\s?[-+*/]\s?[abknpquvwxyz]))\s?=\s?[^=<>a-z]{1,40}$"
)
# "E = mv^2 / 2 = 4 J" is about E; small letters are variables of a question.
_OF_SYMBOL = re.compile(r"\$?[A-Z][A-Za-z]{0,3}(?:_\{?\w{1,3}\}?)?\s?=[^=]{1,80}=")


def of_formula(text: str, asked: Sequence[str]) -> bool:
    """Whether a reply ends with the value of a formula around a variable, 2x = 7, which the question does not name."""
    match = _FORMULA_SIDE.search(text) if not _OF_SYMBOL.match(text) else None
    return match is not None and not set(re.findall(r"\d+|[a-z]", match[1])) <= set(asked)
