"""A measured expression: the unit behind a formula, so that mathematics compares formulas and units compare units.

Belongs here: taking the unit off either side, and saying whether the two measure the same. Does not belong here: single
numbers with a unit (scalars.py), asking math-verify (formulas.py).
"""

from __future__ import annotations

import re
from fractions import Fraction

from wethink_assets.rewards import latex_text
from wethink_assets.rewards.unit_conversion import conversion
from wethink_assets.rewards.units import Unit, parse_unit

_SPLIT = re.compile(r"(?<=[\w)}\]πi°])\s+([A-Za-zµμΩ°%$€£¥₹′″][^=<>{}\\]{0,40})$")
_GLUED = re.compile(r"(?<=[\d)}\]π])([A-Za-zµμΩ°%$€£¥]{1,8}(?:/[A-Za-z]{1,6})?(?:\^?\{?-?\d\}?)?)$")
_SET_BY_FONT = re.compile(r"\\(?:text|mathrm|mbox|textrm|rm|unit|si|operatorname)(?![A-Za-z])")


def split(text: str) -> tuple[str, Unit | None]:
    """(formula, unit) of a text; the whole text and None where no unit of measurement ends it.

    Letters of a formula are no units: a unit stands in a font of text, behind a space, or has two and more letters.
    """
    plain = latex_text.plain_unit(latex_text.plain(latex_text.without_dollars(text)))
    for pattern in (_SPLIT, _GLUED):
        if (match := pattern.search(plain)) and match.start() > 0:
            unit = parse_unit(match[1])
            named = _SET_BY_FONT.search(text) or len(match[1]) > 1 or not match[1].isalpha()
            if unit is not None and not unit.is_counted and named:
                return plain[: match.start()].strip(), unit
    return text, None


def pair(gold: str, reply: str, unit: Unit | None = None) -> tuple[str, str] | None:
    """Both formulas in the gold's unit, or None where the units do not measure the same.

    `unit` is the gold's where its text leaves it out. A unit that one side leaves out is taken from the other.
    """
    gold_text, gold_unit = split(gold)
    reply_text, reply_unit = split(reply)
    gold_unit = gold_unit or unit
    if reply_unit is None or gold_unit is None or gold_unit.is_counted:
        return gold_text, reply_text
    factor = conversion(reply_unit, gold_unit)
    if factor is None:
        return None
    if factor == Fraction(1):
        return gold_text, reply_text
    return gold_text, f"({reply_text})\\cdot\\frac{{{factor.numerator}}}{{{factor.denominator}}}"
