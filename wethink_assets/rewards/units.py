"""Units of measurement: parsing a unit text in English, Chinese or LaTeX, compound units included.

Belongs here: what unit a text names. Does not belong here: the names themselves (unit_names.py), factors
(unit_conversion.py), the numbers before them (scalars.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from wethink_assets.rewards.unit_names import COMPOSED, COUNTERS, OWN, PERCENT_WORDS, lookup

PERCENT = "percent"
_POINTS = "percentage point"
_FACTOR = re.compile(
    r"\s?([*/·]|per\b)?\s?([A-Za-zµμΩ°′″$€£¥₹¢%_]+|[\u4e00-\u9fff]+)\s?(?:\^?\s?\{?\s?(-?\d)\s?\}?)?", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True)
class Unit:
    """`parts` are pint names with powers, sorted; `word` is a counted thing ("apples") or an own unit."""

    parts: tuple[tuple[str, int], ...] = ()
    word: str = ""

    @property
    def is_percent(self) -> bool:
        return self.word == PERCENT

    @property
    def is_counted(self) -> bool:
        """A noun rather than a unit of measurement."""
        return not self.parts and self.word not in OWN and self.word != PERCENT


def counts(text: str) -> bool:
    """Whether a text after a Chinese number begins with a measure word or is a unit: 个, 个苹果, 厘米, 度."""
    text = text.strip()
    return text[:1] in COUNTERS or lookup(text) is not None or text.startswith(("%", "平方", "立方"))


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """The unit that a text names; an unknown word is a counted thing; None for what is no unit at all."""
    if len(text) > 200:
        return None
    text = _BELOW.sub(_as_product, text)
    text = " ".join(text.replace("\\", " ").replace("~", " ").strip(" .,;:()").split())
    if not text or len(text) > 80:
        return None
    if name := lookup(text):
        return _known(name)
    text = _SPACED.sub("*", _GLUED.sub(lambda m: m[0] + "*", text))
    if text.casefold() in PERCENT_WORDS:
        return Unit(word=PERCENT)
    if text.casefold().startswith(_POINTS):
        return Unit(word=_POINTS)
    if name := lookup(text):
        return _known(name)
    for word, power in ((" squared", 2), (" cubed", 3)):
        if text.casefold().endswith(word) and (name := lookup(text[: -len(word)])) and name not in OWN:
            return Unit(parts=((name, power),))
    if compound := _compound(text):
        return compound
    words = _WORD.findall(text.casefold())
    if not words or len(words) > 6:
        return None
    # "cm long", "cm in total": the unit is the first word
    for count in (3, 2, 1):
        first = " ".join(text.split()[:count])
        if first != text and ("/" in first or " per " in first) and (compound := _compound(first)):
            return compound  # "metres per second downwards" is no length
        if first != text and (name := lookup(first)) and (len(first) > 1 or not first.isalpha() or _SIZE.search(text)):
            return _known(name)
        if first.casefold() in PERCENT_WORDS:
            return Unit(word=PERCENT)
    return Unit(
        word=" ".join(singular(w) for w in words if w not in ("of", "the", "a", "in", "total", "altogether"))
        or words[0]
    )


def _known(name: str) -> Unit:
    if name in OWN:
        return Unit(word=name)
    return Unit(parts=COMPOSED.get(name, ((name, 1),)))


# Products without a sign, in the very writing of symbols: Nm, kg m, ms^-2; "nm" and "ms" are units of their own.
_GLUED = re.compile(
    r"(?<![A-Za-z])(?:(?:N|kg|J|g)(?=m(?![A-Za-z]))|(?:N|J)(?=s(?![A-Za-z]))|J(?=kg(?![A-Za-z]))"
    r"|mol(?=(?:L|dm)(?![A-Za-z]))|g(?=cm(?![A-Za-z]))|m(?=s\^\{?-))"
)
_SPACED = re.compile(
    r"(?<=[A-Za-z0-9}])(?<!per)(?<!quare)(?<!cubic)(?<!sq)[ .-]"
    r"(?=(?:m|s|kg|N|J|W|V|h|K|L|mol|cm|mm|C|Pa|metres?|meters?|seconds?)(?![A-Za-z]))"
)
_SIZE = re.compile(r"^\w (?:high|tall|long|wide|deep|thick|apart|away)$")  # 45 m high
_BELOW = re.compile(r"/\s?\(([^()]{1,20})\)")


def _as_product(match: re.Match[str]) -> str:
    return "/" + match[1].replace("*", "/").replace(" ", "/")


_POWER_WORD = re.compile(r"([A-Za-z]{1,20})\s(squared|cubed)\b", re.IGNORECASE)


def _compound(text: str) -> Unit | None:
    text = _POWER_WORD.sub(lambda m: f"{m[1]}^{2 if m[2].lower() == 'squared' else 3}", text)
    powers: dict[str, int] = {}
    position, sign = 0, 1
    prefix = 1
    lowered = text.casefold()
    for word, power in (("square ", 2), ("sq ", 2), ("sq. ", 2), ("cubic ", 3), ("平方", 2), ("立方", 3)):
        if lowered.startswith(word):
            text, prefix = text[len(word) :], power
            break
    while position < len(text):
        match = _FACTOR.match(text, position)
        if not match:
            return None
        if position and not match[1] and not (match[3] and text[position - 1 : position].isspace()):
            return None  # "m s^-1" is a product, "m in total" is not
        if match[1] and match[1].casefold() in ("/", "per"):
            sign = -1
        name = lookup(match[2])
        if name is None or name in OWN:
            return None
        exponent = int(match[3] or 1) * prefix
        prefix = 1
        if not 0 < abs(exponent) <= 6:
            return None
        powers[name] = powers.get(name, 0) + sign * exponent
        position = match.end()
    return Unit(parts=tuple(sorted((n, p) for n, p in powers.items() if p))) if powers else None


def measures(text: str) -> bool:
    """Whether a text is a unit of measurement and nothing else."""
    unit = parse_unit(text)
    return unit is not None and not unit.is_counted


def singular(word: str) -> str:
    """A crude singular: enough to see that "apples" and "apple" are one thing."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 5 and word.endswith(("toes", "roes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
