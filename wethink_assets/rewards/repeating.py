r"""Repeating decimals: 0.\overline{3}, 0.(3), 0.1\dot{6}, 0.333… and "0.3 repeating" as exact fractions.

Belongs here: the writings of a period, and its value. Does not belong here: any other number (exact.py, scalars.py).
"""

from __future__ import annotations

import re
from fractions import Fraction

_LINE, _DOT = "\u0304\u0305\u033f", "\u0307"
_HEAD = r"(?<![\d.,])(\d{1,12})\.(\d{0,12}?)"
_PERIODS = (
    re.compile(_HEAD + r"\\(?:overline|bar|overbar)\s?\{?(\d{1,12})\}?"),
    re.compile(_HEAD + r"\((\d{1,12})\)(?![\d(])"),
    re.compile(_HEAD + r"\\dot\s?\{?(\d)\}?(?:(\d{0,10})\\dot\s?\{?(\d)\}?)?"),
    re.compile(_HEAD + rf"((?:\d[{_LINE}]){{1,12}})"),
    re.compile(_HEAD + rf"(\d{_DOT}(?:\d{{0,10}}\d{_DOT})?)"),
    re.compile(_HEAD + r"(\d{1,6})\s?\(?(?:repeating|recurring|循环)\)?", re.IGNORECASE),
)
_ON = re.compile(r"(?<![\d.,])(\d{1,12})\.(\d{2,24})\s?(?:\.{3}|…|\\(?:l|c)?dots(?![A-Za-z]))")


def as_fractions(text: str) -> str:
    """The text with every repeating decimal as a fraction in brackets."""
    if "." not in text or not any(c.isdigit() for c in text):
        return text
    for pattern in _PERIODS:
        text = pattern.sub(lambda m: _fraction(m[1], m[2], "".join(_digits(g) for g in m.groups()[2:] if g)), text)
    return _ON.sub(_going_on, text)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _going_on(match: re.Match[str]) -> str:
    r"""0.333… and 0.1666…: digits that stand there at least twice (a single one three times) go on."""
    digits = match[2]
    for before in range(min(8, len(digits))):
        for length in range(1, 7):
            period, rest = digits[before : before + length], digits[before:]
            turns = len(rest) / length
            if turns >= (2 if length > 1 else 2.5) and rest == (period * len(rest))[: len(rest)]:
                return _fraction(match[1], digits[:before], period)
    return match[0]


def _fraction(whole: str, before: str, period: str) -> str:
    value = int(whole) + Fraction(int(before or 0), 10 ** len(before))
    value += Fraction(int(period), (10 ** len(period) - 1) * 10 ** len(before))
    return f"({value.numerator}/{value.denominator})"
