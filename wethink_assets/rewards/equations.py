"""Equations in a reply: whether one between plain numbers does not hold, 13 = 12, or gives a formula's value, 2x = 7.

Belongs here: finding what stands beside a sign of equality. Does not belong here: whether two formulas are the same
(algebra.py), sentences without an equation (number_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from wethink_assets.rewards import latex_text, surds
from wethink_assets.rewards.scalars import Scalar, parse_scalar, same


def fails(text: str) -> bool:
    """Whether an equation between plain numbers in the text does not hold: 13 = 12, 4 A × 4 Ω = 12 V."""
    return any(map(_fails, _APART.split(text)))


_APART = re.compile(r"[,;]\s(?:(?:so|and|then|hence|thus|therefore),?\s)?(?=[A-Za-z\\$])")


def _fails(text: str) -> bool:
    sides = re.split(r"(?<![<>!≠≤≥=])=(?!=)", text)
    for left, right in pairwise(sides):
        if _is_computed_with_units(left):
            if _magnitudes_differ(left, right):
                return True
            continue
        a, b = _number_at_end(left), _number_at_start(right)
        if a is not None and b is not None and not (same(a, b) or same(b, a) or _nearly(a, b)):
            return True
    return False


_UNIT = re.compile(
    r"(?<=[\d)])\s?(?:[kcmMGµ]?(?:m|g|s|A|V|Ω|W|J|N|L|Hz|Pa|C|K|mol|eV|h|min|kg|Ω|ohms?|volts?|amps?|watts?)"
    r"(?:\^?\{?-?[1-3]\}?)?(?:\s?/\s?[kcm]?(?:s|m|h|kg|L|g|min)(?:\^?\{?-?[1-3]\}?)?)?)(?![A-Za-z])"
)
_COMPUTED = re.compile(r"\d\s?[*×·/÷]\s?\d|\)\s?\(|\)\s?[*×·/÷]|[*×·/÷]\s?\(|\\(?:times|cdot|div)")
_SCALES = frozenset(
    Fraction(10) ** power * factor
    for power in range(-12, 13)
    for factor in (
        Fraction(1),
        Fraction(36),
        Fraction(1, 36),
        Fraction(6),
        Fraction(1, 6),
        Fraction(24),
        Fraction(1, 24),
    )
)


def _is_computed_with_units(text: str) -> bool:
    plain = latex_text.plain(text)
    return _UNIT.search(plain) is not None and _COMPUTED.search(_without_units(plain)) is not None


def _without_units(text: str) -> str:
    return _UNIT.sub("", text)


def _magnitudes_differ(left: str, right: str) -> bool:
    """Whether a computation with units gives another number, scales of units (m for mm, h for s) left open."""
    plain = _without_units(latex_text.plain_unit(latex_text.plain(left)).strip())
    before, end = _plain_end(plain)
    result = _number_at_start(latex_text.plain(right)) or parse_scalar(_without_units(latex_text.plain(right)).strip())
    number = parse_scalar(end) if _OPENS.search(before) and end else None
    if number is None or result is None:
        return False
    a, b = surds.rational(number.value), surds.rational(result.value)
    if a is None or b is None or not a or not b:
        return False
    places = Fraction(1, 10 ** (result.decimals or 0)) if result.decimals else Fraction(0)
    return a / b not in _SCALES and not any(abs(a / scale - b) <= places for scale in _SCALES if places)


_OPENS = re.compile(r"(?:^|[:,;]|[A-Za-z]{2})\s?$")
_NOT_PLAIN = re.compile(r"[A-Za-zµΩ\\°=:,;]")


def _plain_end(text: str) -> tuple[str, str]:
    """(what stands before, the computation of plain numbers at the end of a text)."""
    start = max((m.end() for m in _NOT_PLAIN.finditer(text)), default=0)
    return text[:start], text[start:].strip()


_END = re.compile(r"(?:^|[:,;=]|(?<![\\\w])[A-Za-z]{2,}\s)\s*([$€£]?[\d(\\√π][^=,;:A-Za-z]{0,60}[A-Za-z%°]{0,4})\s*$")
_OPERATOR = re.compile(r"\d[^\d]{0,6}[-+*/^×÷]|\\(?:times|frac|cdot|div|sqrt)|√|\d!")
_START = re.compile(r"\s*([-+]?[$€£]?[\d(\\√π][^=,;:]{0,60}?)(?=$|[,;=.](?!\d)|\s[A-Za-z]{2,})")


_OF_VARIABLES = re.compile(r"[a-z]\s[a-z]\s?\^")  # m v^2 is a product and no unit


def _number_at_end(text: str) -> Scalar | None:
    """The whole side, or the computation behind its last word: "Angle 1 = 65" is about angle 1 and no equation of 1."""
    if _OF_VARIABLES.search(text):
        return None
    if (whole := parse_scalar(text.strip())) is not None:
        formula = (
            whole.unit is not None
            and whole.unit.is_counted
            and (whole.attached or "^" in text or len(whole.unit.word) < 3)
        )
        return None if formula else whole
    match = _END.search(text[-90:])
    return parse_scalar(match[1]) if match and _OPERATOR.search(match[1]) else None


def _number_at_start(text: str) -> Scalar | None:
    return parse_scalar(text.strip()) or ((m := _START.match(text[:90])) and parse_scalar(m[1])) or None


def _nearly(a: Scalar, b: Scalar) -> bool:
    """Rounded in the last digit that is written, or a unit on one side only."""
    x, y = surds.rational(a.value), surds.rational(b.value)
    if x is None or y is None:
        try:
            return abs(surds.approximate(a.value) - surds.approximate(b.value)) <= 0.01 * abs(
                surds.approximate(a.value)
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
    if match is not None and any(f"{name}=" in asked for name in re.findall("[a-z]", match[1])):
        return True  # 2x = 4 gives no x, though the question has 2x in it
    return match is not None and not set(re.findall(r"\d+|[a-z]", match[1])) <= set(asked)
