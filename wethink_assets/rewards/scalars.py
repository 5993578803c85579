"""One number with its unit, out of an answer's text, and whether two are the same.

Belongs here: signs, grouping, percent, currency, number words, magnitudes, rounding.
Does not belong here: several numbers (verifier.py), what units measure (units.py), arithmetic (surds.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from wethink_assets.rewards import compound_units, exact, latex_text, number_words, repeating, surds
from wethink_assets.rewards.normalise import clean, plain_thousands, unwrap
from wethink_assets.rewards.unit_conversion import conversion, temperature
from wethink_assets.rewards.units import Unit, counts, measures, parse_unit

_LITERAL = re.compile(r"[+-]?(\d*)(?:\.(\d*))?(?:[eE][+-]?\d{1,3})?")
_MIXED = re.compile(r"([+-]?)\s*(\d{1,15})(?: |-)(\d{1,6})\s*/\s*(\d{1,6})")
_VARIABLE = re.compile(r"((?:∠|\\angle ?)?[A-Za-zα-ω]{1,4}|\\[a-z]{2,7})(?:_\{?\w{1,3}\}?)? ?(?:=|≈|\\approx) ?(?=\S)")
_ABOUT = re.compile(
    r"(?:about|approximately|approx\.?|around|roughly|nearly|exactly|only|just|a total of|≈|\\approx|~"
    r"|大约|约|一共有|共有|一共|总共|共|有)\s*",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"([+-]?)\s*(US\$|\\?\$|€|£|¥|₹|USD|EUR|GBP|CNY|RMB|JPY|INR|Rs\.?)\s*(?=[\d.+-])", re.IGNORECASE)
_SCAN = re.compile(
    r"(?P<keep>\\[A-Za-z]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3}(?![\d.]))?|sqrt|pi(?![A-Za-z])|[xX](?= ?[\d(]))"
    r"|(?P<unit>[A-Za-zÅµμΩα-ορ-ω°′″$€£¥₹¢%\u4e00-\u9fff])|(?P<other>.)",
    re.DOTALL,
)
_NOT_UNIT = re.compile(
    r"\d|\b(?:or|and|not|nor|but|maybe|perhaps|to|is|are|was|isn|wrong|incorrect|minus|plus|times|versus"
    r"|vs|than|if|unless|at|most|least|ruled|excluded|tops|maximum|minimum|more|fewer|less|over|under|above|below|can|cannot|has|been|was|false|wrong|else)\b|[=<>?]|或|和|不|错|到",
    re.IGNORECASE,
)
_EXPONENTS = re.compile(r"(?<=[A-Za-z°])(?:\s{0,3}\^\s{0,3}\{?\s{0,3}-?|\s{0,3}\{?-|\{?)[1-6]\s{0,3}\}?")
_MAGNITUDES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "mn": 10**6,
    "bn": 10**9,
    "dozen": 12,
    "k": 10**3,
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "百万": 10**6,
    "亿": 10**8,
}
_MAGNITUDE = re.compile(
    r"(hundred|thousand|million|billion|trillion|mn|bn|dozen|k|百万|百|千(?![米克瓦卡焦])|万|亿)(?![A-Za-z])\s*",
    re.IGNORECASE,
)
_PRIME = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s?(['\"])")  # feet and inches on a keyboard
_CIRCLED = re.compile("[①-⑳]")


# 1.234,5 and 1.000.000, and a decimal comma before a unit. "3,5" alone may be two numbers: decimal_point reads it.
_GROUPED_BY_POINTS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:(?:\.\d{3})+,\d{1,9}|(?:\.\d{3}){2,})(?![\d.,])")
_BEFORE_A_UNIT = re.compile(r"(?<![\d.,])(\d{1,9}),(\d{1,2}|\d{4,9})(?=\s?(?:%|°|€|[A-Za-zµμΩ]{1,3}(?![A-Za-z])))")
_INDIAN = re.compile(r"[1-9]\d?(?:,\d\d){1,4},\d{3}")
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(0,\d{1,9}|\d{1,9},(?:\d{1,2}|\d{4,9}))(?![\d.,])")


def decimal_point(text: str) -> str:
    """A reply's one number with a decimal comma (3,5), as German, French and Spanish write it, with a point.

    For a reply to a gold that is one number only; three digits behind a comma are thousands, unless a 0 stands before
    it.
    """
    if _INDIAN.fullmatch(text):
        return text.replace(",", "")  # 12,34,567
    if text.count(",") != 1 or "." in text:
        return text
    return _DECIMAL_COMMA.sub(lambda m: m[0].replace(",", "."), text)


@dataclass(frozen=True)
class Scalar:
    """`decimals` and `digits` (significant) are of a plainly written decimal; None for fractions, roots, words."""

    value: surds.Value
    unit: Unit | None = None
    decimals: int | None = None
    digits: int = 0
    variable: str | None = None
    attached: bool = False  # the unit's letters touch the number, as in "14cm" or "3D"

    @property
    def is_plain(self) -> bool:
        return self.unit is None


@lru_cache(maxsize=16_384)
def parse_scalar(text: str) -> Scalar | None:
    """The one number that the whole text is, or None."""
    if len(_CIRCLED.findall(text)) > 1:
        return None  # ①③ names two items and is not 13
    text = repeating.as_fractions(clean(text))
    if "." in text or "," in text:
        text = _GROUPED_BY_POINTS.sub(lambda m: m[0].replace(".", "").replace(",", "."), text)
        text = _BEFORE_A_UNIT.sub(r"\1.\2", text) if text.count(",") == 1 else text
    text = plain_thousands(text)
    if not text or len(text) > exact.MAX_CHARS + 100:
        return None
    text = latex_text.plain(latex_text.without_dollars(text)).replace("\\$", "$").strip("$" if "\\" in text else "")
    variable = None
    if match := _VARIABLE.match(text):
        variable, text = match[1], text[match.end() :]
    if match := _ABOUT.match(text):
        text = text[match.end() :]
    negative, text = number_words.sign(text)
    if negative < 0 and text[:1] in ("-", "+"):
        return None
    if amount := compound_units.parse(text):
        return Scalar(surds.of(amount[0] * negative), amount[1], variable=variable)
    if match := _PRIME.fullmatch(text):
        text = match[1] + ("′" if match[2] == "'" else "″")
    prefix = ""
    if match := _CURRENCY.match(text):
        prefix, text = match[2].lstrip("\\"), match[1] + text[match.end() :]
        if rate := _RATE.fullmatch(text):
            return _rated(prefix, rate)
    number, rest, attached = _split(text.strip())
    if number:
        read = _number(number)
        if read is None:
            return None
        value, decimals, digits = read
    else:
        words = number_words.parse(rest)
        if words is None:
            return None
        if words.is_fraction and words.rest and not measures(words.rest):
            return None  # "half circle" is a shape and "third floor" a place
        value, rest, decimals, digits, attached = surds.of(words.value), words.rest, None, 0, False
        if words.percent:
            rest = f"% {rest}".strip()
        elif words.is_han and rest and not counts(rest):
            return None  # 三角形 is a triangle and not three of anything
    if negative < 0:
        value = surds.scaled(value, Fraction(-1))
    if match := _MAGNITUDE.match(rest):
        word = match[1].lower()
        if word != "k" or attached:
            value, rest, decimals = surds.scaled(value, Fraction(_MAGNITUDES[word])), rest[match.end() :], None
            attached = False
    elif prefix and rest in ("M", "m", "B", "b"):
        value, rest = surds.scaled(value, Fraction(10**6 if rest in "Mm" else 10**9)), ""
    rest = latex_text.plain_unit(unwrap(rest.strip()))
    unit = None
    if rest:
        if _NOT_UNIT.search(_EXPONENTS.sub(" ", rest)):
            return None
        unit = parse_unit(rest)
        if unit is None or (unit.is_counted and len(unit.word) == 1 and unit.word.isascii()):
            return None  # 7x has a variable, not a unit
    if prefix:
        unit = parse_unit(prefix) if unit is None or unit.is_counted or parse_unit(prefix) == unit else None
        if unit is None:
            return None
    return Scalar(value, unit, decimals, digits, variable, attached)


_RATE = re.compile(r"([\d.]{1,24})\s?(?:/\s?|\s(?:per|an?|each)\s)([A-Za-zµμ][A-Za-zµμ ]{0,20}(?:\^?\{?[23]\}?)?)")


def _rated(prefix: str, match: re.Match[str]) -> Scalar | None:
    """A price by the unit: $3.20/kg, $1450 a month. Each measures only itself."""
    currency, unit, read = parse_unit(prefix), parse_unit(match[2]), _number(match[1])
    if currency is None or unit is None or read is None:
        return None
    per = Unit(tuple((name, -power) for name, power in unit.parts), f"{currency.word} per {unit.word}".strip())
    return Scalar(read[0], per, read[1], read[2])


def _split(text: str) -> tuple[str, str, bool]:
    """(number, what follows, whether it touches)."""
    for match in _SCAN.finditer(text):
        if match["unit"]:
            number = text[: match.start()]
            bare = number.rstrip()
            # "3/ m": the slash belongs to the unit
            return bare, text[match.start() :], bare == number
    return text, "", False


def _number(text: str) -> tuple[surds.Value, int | None, int] | None:
    text = text.strip()
    if match := _MIXED.fullmatch(text):
        if match[0].find("-", 1) > 0 or int(match[4]) == 0:
            return None
        value = int(match[2]) + Fraction(int(match[3]), int(match[4]))
        return surds.of(-value if match[1] == "-" else value), None, 0
    if text.endswith(("+", "-", "*", "/", "^", "=")):
        return None
    try:
        value = exact.parse(text)
    except surds.NotExactError:
        return None
    literal = _LITERAL.fullmatch(text)
    if literal is None:
        return value, None, 0
    decimals = len(literal[2] or "") if "e" not in text.lower() else None
    return value, decimals, len(((literal[1] or "") + (literal[2] or "")).lstrip("0"))


_RADIAN = Unit(parts=(("radian", 1),))
_DEGREES = Unit(parts=(("degree", 1),))
_HUNDREDTH = Fraction(1, 100)
_PER_PI = (((1, -1), Fraction(180)),)


def same(gold: Scalar, reply: Scalar, tolerance: float = 0.0) -> bool:
    """Whether the reply gives the gold's amount.

    A unit that one side leaves out is taken from the other (30 is 30°); two units must measure the same.
    A percentage may be written as its fraction (50 % is 0.5). `tolerance` is relative.
    """
    if gold.variable and reply.variable and gold.variable.casefold() != reply.variable.casefold():
        return False
    if gold.unit == reply.unit:
        return _close(gold, reply.value, reply, tolerance)
    if gold.unit and reply.unit:
        if {gold.unit, reply.unit} == {_RADIAN, _DEGREES}:
            in_degrees = [surds.multiply(s.value, _PER_PI) if s.unit == _RADIAN else s.value for s in (gold, reply)]
            return in_degrees[0] == in_degrees[1]
        gold_scale, reply_scale = temperature(gold.unit), temperature(reply.unit)
        if gold_scale and reply_scale:
            return _kelvin(gold.value, gold_scale) == _kelvin(reply.value, reply_scale)
        factor = conversion(reply.unit, gold.unit)
        return factor is not None and _close(
            gold, surds.scaled(reply.value, factor), reply if factor == 1 else None, tolerance
        )
    if reply.unit and reply.unit.is_percent:
        # 50 may be written as 50 %, but 0.5 % is not 0.5
        left_out = not _is_share(gold.value) and _close(gold, reply.value, reply, tolerance)
        return left_out or _close(gold, surds.scaled(reply.value, _HUNDREDTH), None, tolerance)
    if _close(gold, reply.value, reply, tolerance):
        return True
    return bool(gold.unit and gold.unit.is_percent) and surds.scaled(gold.value, _HUNDREDTH) == reply.value


def _kelvin(value: surds.Value, scale: tuple[Fraction, Fraction]) -> surds.Value:
    return surds.scaled(surds.add(value, surds.of(scale[1])), scale[0])


def _is_share(value: surds.Value) -> bool:
    number = surds.rational(value)
    return number is not None and -1 < number < 1 and number != 0


def _close(gold: Scalar, value: surds.Value, reply: Scalar | None, tolerance: float) -> bool:
    if gold.value == value:
        return True
    if tolerance > 0:
        a, b = surds.rational(gold.value), surds.rational(value)
        if a is not None and b is not None:
            return abs(a - b) <= Fraction(tolerance) * abs(a)
        try:
            x, y = surds.approximate(gold.value), surds.approximate(value)
        except OverflowError:
            return False
        return abs(x - y) <= tolerance * abs(x)
    if reply is None:
        return False
    # A gold of six decimals and more is a quotient as a calculator shows it; three digits of it are an answer.
    if (
        gold.decimals is not None
        and gold.decimals >= 6
        and 2 <= (reply.decimals or 0) < gold.decimals
        and reply.digits >= 3
    ):
        return _rounds_to(gold.value, value, reply.decimals or 0)
    # An exact form and its decimal are one answer: 1/3 is 0.333, 3.14 is 3.14159, but 0.25 is not 0.254.
    if gold.decimals is not None and gold.decimals >= 2:
        exactly = reply.decimals is None
        finer = reply.decimals is not None and reply.decimals >= gold.decimals + 2 and gold.digits >= 3
        return (exactly or finer) and _rounds_to(value, gold.value, gold.decimals)
    if gold.decimals is None and reply.decimals is not None and reply.decimals >= 2 and reply.digits >= 3:
        return _rounds_to(gold.value, value, reply.decimals)
    return False


def _rounds_to(precise: surds.Value, rounded: surds.Value, decimals: int) -> bool:
    a, b = surds.rational(precise), surds.rational(rounded)
    half = Fraction(1, 2 * 10 ** min(decimals, 300))
    if a is not None and b is not None:
        return abs(a - b) <= half
    try:
        return abs(surds.approximate(precise) - surds.approximate(rounded)) <= float(half) * (1 + 1e-9)
    except OverflowError:
        return False
