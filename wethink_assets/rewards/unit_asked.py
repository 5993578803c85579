"""The unit of measurement that a question asks for: "in centimetres", "how many degrees", 多少厘米.

Belongs here: finding it in the question, and the text that a typed answer keeps of a unit. Does not belong here: units
of an answer (units.py), the type of an answer (gold_types.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards.unit_names import lookup
from wethink_assets.rewards.units import Unit, parse_unit

_UNIT_QUESTION = re.compile(
    r"\b(?:in|how many|measured in|what percentage|what percent)\s+(?:the nearest )?"
    r"([A-Za-z°%]{1,20}(?:\^\d)?(?:[/·][A-Za-z]{1,6}(?:\^?\d)?|\s(?:per\s)?[A-Za-z]{1,20})?)\b",
    re.IGNORECASE,
)
_UPRIGHT = re.compile(r"\\(?:text|mathrm|rm|operatorname)\s?\{([^{}]{1,30})\}")  # how LaTeX writes units
_POWER = re.compile(r"\^\{(\d)\}")
_POWERS = str.maketrans({"²": "^2", "³": "^3", "$": None, "\u2009": None})


def unit_text(unit: Unit) -> str:
    """A unit as a typed answer keeps it: its word, or the names of its parts with their powers."""
    if unit.word:
        return unit.word
    return "*".join(name if power == 1 else f"{name}^{power}" for name, power in unit.parts)


_HAN_UNIT = re.compile("(?:多少|几)(?:个)?([\u4e00-\u9fff]{1,6})")
_HAN_WARM = re.compile("温|摄氏|华氏|热|冷")


def unit_asked(question: str) -> str | None:
    """The unit of measurement that the question asks for ("in centimetres", "how many degrees"), if any."""
    if match := _HAN_UNIT.search(question[:2000]):
        for end in range(len(match[1]), 0, -1):
            unit = parse_unit(match[1][:end]) if (name := lookup(match[1][:end])) else None
            if unit is not None:
                return None if name == "degree" and _HAN_WARM.search(question) else unit_text(unit)
    plain = _POWER.sub(r"^\1", _UPRIGHT.sub(r"\1", question[:2000]).translate(_POWERS))
    for match in list(_UNIT_QUESTION.finditer(plain))[:8]:
        if match[0].lower().startswith("what perc"):
            return "percent"
        words = match[1].split()
        for count in (len(words), 1):
            name = " ".join(words[:count])
            if len(name) < 2 and name != "%":
                continue
            unit = (
                parse_unit(name)
                if name.casefold() not in ("in", "bar", "bars", "second", "min", "day", "month", "year", "pound")
                else None
            )
            if unit is not None and not unit.is_counted:
                return unit_text(unit)
    return None
