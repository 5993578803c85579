"""Units as people write them beside a known amount: "80 degrees" of a temperature, "8 d", "2.4B USD", "500 cents".

Belongs here: writings of a unit that mean it only because the gold has it, or that shorten money. Does not belong here:
names that mean one unit always (unit_names.py), amounts in words (amount_writings.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal

from wethink_assets.rewards.units import Unit

MAX_CHARS = 60
_NUMBER = r"([-+]?\d[\d,]{0,15}(?:\.\d{1,9})?)"
_DEGREES = re.compile(
    rf"(?:(?:it is|about|approximately)\s)?{_NUMBER}\s?(?:degrees?|deg|(?=°?\s?[CF]))\s?°?\s?([CF])?", re.IGNORECASE
)
_WARM = re.compile(r"temperature|thermometer|warm|hot|cold|boil|melt|freez")
_DAYS = re.compile(rf"{_NUMBER}\s?d")
_CENTS = re.compile(rf"{_NUMBER}\s?(?:cents?|¢)", re.IGNORECASE)
_MONEY = r"(dollars?|USD|US\$|\$|euros?|EUR|€|pounds?|GBP|£|yuan|CNY|RMB|¥|yen|JPY)"
_SHORT = re.compile(rf"{_NUMBER}\s?(M|B|bn|mn|K|T)\s?{_MONEY}", re.IGNORECASE)
_SIZES = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "t": "trillion"}
_PRICE = re.compile(rf"{_NUMBER}\s?{_MONEY}\s?(?:/|per\s|an?\s|each\s)\s?([A-Za-z]{{1,12}}(?:\^?\d)?)", re.IGNORECASE)
_SIGNS = {"d": "$", "u": "$", "$": "$", "e": "€", "€": "€", "g": "£", "p": "£", "£": "£"}
_PI = re.compile(r"(\d)\s?\*?\s?pi\b(?!\w)|\bpi\b(?=\s?(?:cm|mm|m|km|in|ft|units?|square|cubic)\b)", re.IGNORECASE)
_OHMS = re.compile(r"\\(?:text|mathrm|rm)\s?\{\s?([kMGmµ])\s?\}\s?\\Omega(?![A-Za-z])")
_RATE = re.compile(
    r"(?<=[a-z])\s(?:an?|each|every)\s(?=(?:hour|second|minute|day|week|month|year)\W{0,2}$)", re.IGNORECASE
)


def of(unit: Unit | None, text: str, asked: Collection[str] = ()) -> Iterator[str]:
    """The reply with its unit written out, in each of these writings that it is in; `unit` is the gold's."""
    if len(text) > MAX_CHARS:
        return
    if (ohms := _OHMS.sub(r"\1Ω", text)) != text:
        yield ohms
    plain = text.replace("\\pi", "π")
    if (with_pi := _PI.sub(lambda m: f"{m[1] or ''}π", plain)) != plain:
        yield with_pi
    if (rate := _RATE.sub(" per ", text)) != text:
        yield rate
    if unit is None:
        return
    warm = unit.word in ("celsius", "fahrenheit") and any(map(_WARM.match, asked))
    if warm and (match := _DEGREES.fullmatch(text)) and (match[2] or unit.word[0]).casefold() == unit.word[0]:
        yield f"{match[1]} °{unit.word[0].upper()}"
    if unit.parts == (("day", 1),) and (match := _DAYS.fullmatch(text)):
        yield f"{match[1]} days"
    if unit.word in ("dollar", "euro") and (match := _CENTS.fullmatch(text)):
        yield f"{Decimal(match[1].replace(',', '')) / 100:f} {unit.word}s"
    if match := _SHORT.fullmatch(text):
        yield f"{match[1]} {_SIZES[match[2].casefold()]} {match[3]}"
    if " per" in unit.word and (match := _PRICE.fullmatch(text)):
        yield f"{_SIGNS.get(match[2][0].casefold(), match[2])}{match[1]}/{match[3]}"
