"""One amount in several units: 1 h 30 min, 5 ft 10 in, 5'10", 1小时30分钟.

Belongs here: adding the parts up in the first unit. Does not belong here: single units (units.py), which amounts are
the same (scalars.py).
"""

from __future__ import annotations

import re
from fractions import Fraction

from wethink_assets.rewards.unit_conversion import conversion
from wethink_assets.rewards.units import Unit, parse_unit

_PART = re.compile(
    r"(\d{1,12}(?:\.\d{1,12})?)\s?([A-Za-z]{1,12}|'|\"|′{1,2}|°|[\u4e00-\u9fff]{1,3})(?:\s*(?:,|\band\b|又)?\s*)"
)
_MONEY = re.compile(r"(\d{1,12}) (?:dollars?|euros?)(?:,? and|,)? (\d{1,2}) cents?", re.IGNORECASE)
_SHORT = re.compile(r"(\d{1,3})\s?(?:h|hrs?|hours?)\s?([0-5]\d)|(\d{1,3}):([0-5]\d)\s?(?:h|hrs?|hours)")
_SIGNS = {"'": "′", '"': "′′"}
_OF_DEGREES = {
    "'": "arcminute",
    "′": "arcminute",
    "分": "arcminute",
    '"': "arcsecond",
    "′′": "arcsecond",
    "秒": "arcsecond",
}
_OF_HOURS = {"m": "minute", "分": "minute"}


def _within(first: Unit | None) -> dict[str, str]:
    """What the signs mean after this first unit: 5′ is five feet, and 30°5′ has minutes of arc."""
    name = first.parts[0][0] if first is not None else ""
    return _OF_DEGREES if name == "degree" else _OF_HOURS if name == "hour" else _SIGNS


def parse(text: str) -> tuple[Fraction, Unit] | None:
    """(amount, first unit) of a whole text of two to four parts of one dimension.

    Each unit is smaller than the one before.
    """
    if len(text) > 80:
        return None
    if match := _MONEY.fullmatch(text):
        return int(match[1]) + Fraction(int(match[2]), 100), Unit(
            word="dollar" if match[0].lower().count("dollar") else "euro"
        )
    if match := _SHORT.fullmatch(text):
        return Fraction(int(match[1] or match[3]) * 60 + int(match[2] or match[4]), 60), Unit(parts=(("hour", 1),))
    position, parts = 0, []
    while position < len(text):
        match = _PART.match(text, position)
        if match is None or len(parts) == 4:
            return None
        unit = parse_unit(_within(parts[0][1] if parts else None).get(match[2], match[2]))
        if unit is None or not unit.parts:
            return None
        parts.append((Fraction(match[1]), unit))
        position = match.end()
    if len(parts) < 2:
        return None
    total, first = parts[0]
    limit = Fraction(1)
    for amount, unit in parts[1:]:
        factor = conversion(unit, first)
        # 30 min completes hours; 90 min, or a further metre, would be a second amount
        if factor is None or amount * factor >= limit:
            return None
        total, limit = total + amount * factor, factor
    return total, first
