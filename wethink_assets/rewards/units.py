"""Units of measurement: one name for each, and exact factors between those that measure the same.

Belongs here: reading a unit text in English, Chinese or LaTeX, and comparing two. Does not belong here:
the numbers before them (scalars.py).

Factors come from pint, worked out in fractions. Unit texts never reach pint's own parser: only names
of the table below do, so a hostile text cannot make it work. Temperatures have offsets between their
scales and are no factors: `temperature` gives both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

# pint's name, then other writings of it. Single letters are case-sensitive, words are not.
_UNITS: dict[str, str] = {
    "meter": "m|metre|meters|metres|米|公尺",
    "kilometer": "km|kilometre|kilometers|kilometres|kms|千米|公里",
    "centimeter": "cm|centimetre|centimeters|centimetres|cms|厘米|公分",
    "millimeter": "mm|millimetre|millimeters|millimetres|毫米",
    "decimeter": "dm|decimetre|decimeters|decimetres|分米",
    "micrometer": "µm|μm|um|micron|microns|micrometers|微米",
    "nanometer": "nm|nanometers|nanometres|纳米",
    "inch": "in|inches|英寸|″|′′",
    "foot": "ft|feet|英尺|′",
    "yard": "yd|yards|码",
    "mile": "mi|miles|英里",
    "light_year": "light-year|light years|光年",
    "kilogram": "kg|kilograms|kgs|kilo|kilos|千克|公斤",
    "gram": "g|grams|gm|克",
    "milligram": "mg|milligrams|毫克",
    "microgram": "µg|μg|ug|micrograms|微克",
    "market_pound": "斤|市斤",
    "chinese_li": "里",
    "metric_ton": "t|tonne|tonnes|吨",
    "pound": "lb|lbs|pounds|磅",
    "ounce": "oz|ounces|盎司",
    "second": "s|sec|secs|seconds|秒|秒钟",
    "minute": "min|mins|minutes|分钟",
    "hour": "h|hr|hrs|hours|小时",
    "day": "days|天",
    "week": "weeks|周|星期",
    "month": "months|个月",
    "year": "yr|yrs|years|年",
    "millisecond": "ms|milliseconds|毫秒",
    "degree": "°|deg|degs|degrees|度",
    "arcminute": "arcminutes",
    "arcsecond": "arcseconds",
    "radian": "rad|rads|radians|弧度",
    "liter": "l|L|litre|liters|litres|升",
    "milliliter": "ml|mL|millilitre|milliliters|millilitres|毫升",
    "gallon": "gal|gallons|加仑",
    "hectare": "ha|hectares|公顷",
    "acre": "acres|英亩",
    "square_meter": "平方米|㎡",
    "square_centimeter": "平方厘米",
    "square_kilometer": "平方公里|平方千米",
    "cubic_meter": "立方米",
    "cubic_centimeter": "cc|立方厘米",
    "newton": "N|newtons|牛|牛顿",
    "kilonewton": "kN",
    "joule": "J|joules|焦|焦耳",
    "kilojoule": "kJ|千焦",
    "megajoule": "MJ",
    "calorie": "cal|calories|卡",
    "kilocalorie": "kcal|千卡|大卡",
    "watt_hour": "Wh|watt-hours|watt hours",
    "kilowatt_hour": "kWh|kilowatt-hour|kilowatt-hours|kilowatt hours|千瓦时|度电",
    "electron_volt": "eV",
    "watt": "W|watts|瓦|瓦特",
    "milliwatt": "mW|milliwatts",
    "kilowatt": "kW|kilowatts|千瓦",
    "megawatt": "MW|megawatts",
    "gigawatt": "GW",
    "horsepower": "hp|马力",
    "volt": "V|volts|伏|伏特",
    "millivolt": "mV",
    "kilovolt": "kV",
    "ampere": "A|amp|amps|amperes|安|安培",
    "milliampere": "mA",
    "ohm": "Ω|ohms|欧|欧姆",
    "kiloohm": "kΩ",
    "megaohm": "MΩ",
    "coulomb": "C|库仑",
    "farad": "F|farads",
    "tesla": "T|teslas",
    "pascal": "Pa|pascals|帕",
    "hectopascal": "hPa",
    "kilopascal": "kPa|千帕",
    "megapascal": "MPa|兆帕",
    "bar": "bars",
    "atmosphere": "atm",
    "psi": "psi",
    "hertz": "Hz|赫兹",
    "kilohertz": "kHz",
    "megahertz": "MHz",
    "gigahertz": "GHz",
    "kelvin": "K|开尔文",
    "mole": "mol|moles|摩尔",
    "decibel": "dB|decibels|分贝",
    "kilometer_per_hour": "km/h|kph|kmh|公里每小时|千米每小时",
    "mile_per_hour": "mph",
    "meter_per_second": "mps|米每秒",
    "byte": "bytes",
    "kilobyte": "KB|kB|kb|kilobytes",
    "megabyte": "MB|mb|megabytes",
    "gigabyte": "GB|gb|gigabytes",
    "terabyte": "TB|tb|terabytes",
    "bit": "bits",
    "kilobit": "Kb|kbit|kilobits",
    "megabit": "Mb|Mbit|megabits",
    "gigabit": "Gb|Gbit|gigabits",
}
# Units that pint does not know or that have offsets: each measures only itself.
_OWN: dict[str, str] = {
    "celsius": "°C|℃|degrees celsius|celsius|摄氏度",
    "fahrenheit": "°F|℉|degrees fahrenheit|fahrenheit|华氏度",
    "dollar": "$|usd|dollars|us$|美元",
    "euro": "€|eur|euros|欧元",
    "pound_sterling": "£|gbp|英镑",
    "yuan": "¥|cny|rmb|元|人民币|块",
    "yen": "jpy|yen|日元",
    "rupee": "₹|inr|rupees|卢比",
    "cent": "¢|cents|美分",
}
# One word or sign for what pint writes as several.
_COMPOSED: dict[str, tuple[tuple[str, int], ...]] = {
    "square_meter": (("meter", 2),),
    "square_centimeter": (("centimeter", 2),),
    "square_kilometer": (("kilometer", 2),),
    "cubic_meter": (("meter", 3),),
    "cubic_centimeter": (("centimeter", 3),),
    "kilometer_per_hour": (("hour", -1), ("kilometer", 1)),
    "mile_per_hour": (("hour", -1), ("mile", 1)),
    "meter_per_second": (("meter", 1), ("second", -1)),
}
# pint counts both as pure numbers, but an angle is no amount of data.
_ANGLES = {"degree", "arcminute", "arcsecond", "radian"}
_DATA = {"bit", "kilobit", "megabit", "gigabit", "byte", "kilobyte", "megabyte", "gigabyte", "terabyte"}
_PERCENT = {"%", "percent", "per cent", "percentage", "pct", "percents", "\\%"}
_POINTS = "percentage point"
_COUNTERS = {
    "个",
    "只",
    "人",
    "名",
    "本",
    "张",
    "条",
    "辆",
    "朵",
    "件",
    "棵",
    "座",
    "位",
    "支",
    "头",
    "匹",
    "岁",
    "次",
    "种",
    "层",
    "台",
    "把",
    "双",
    "枚",
    "颗",
    "块",
    "页",
    "段",
}

PERCENT = "percent"
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
        return not self.parts and self.word not in _OWN and self.word != PERCENT


def _names() -> dict[str, str]:
    table: dict[str, str] = {}
    for group in (_UNITS, _OWN):
        for name, writings in group.items():
            table[name] = table[name.replace("_", " ")] = name
            for writing in writings.split("|"):
                table[writing] = name
    return table


_NAMES = _names()


def _without_case() -> dict[str, str]:
    """Writings of two and more letters by their folded form, where only one unit has it: MW and mW stay apart."""
    found: dict[str, set[str]] = {}
    for writing, name in _NAMES.items():
        if len(writing) > 1:
            found.setdefault(writing.casefold(), set()).add(name)
    return {folded: names.pop() for folded, names in found.items() if len(names) == 1}


_FOLDED = _without_case()


def _lookup(text: str) -> str | None:
    if text in _NAMES:
        return _NAMES[text]
    # "M" is no metre and "CM" is a centimetre: only writings of two and more letters lose their case
    return _FOLDED.get(text.casefold()) if len(text) > 1 else None


def counts(text: str) -> bool:
    """Whether a text after a Chinese number begins with a measure word or is a unit: 个, 个苹果, 厘米, 度."""
    text = text.strip()
    return text[:1] in _COUNTERS or _lookup(text) is not None or text.startswith(("%", "平方", "立方"))


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """The unit that a text names; an unknown word is a counted thing; None for what is no unit at all."""
    text = " ".join(text.replace("\\", " ").replace("~", " ").strip(" .,;:()").split())
    if not text or len(text) > 80:
        return None
    if text.casefold() in _PERCENT:
        return Unit(word=PERCENT)
    if text.casefold().startswith(_POINTS):
        return Unit(word=_POINTS)
    if name := _lookup(text):
        return _known(name)
    for word, power in ((" squared", 2), (" cubed", 3)):
        if text.casefold().endswith(word) and (name := _lookup(text[: -len(word)])) and name not in _OWN:
            return Unit(parts=((name, power),))
    if compound := _compound(text):
        return compound
    words = _WORD.findall(text.casefold())
    if not words or len(words) > 6:
        return None
    # "cm long", "cm in total": the unit is the first word
    for count in (3, 2, 1):
        first = " ".join(text.split()[:count])
        if first != text and (name := _lookup(first)) and (len(first) > 1 or not first.isalpha()):
            return _known(name)
        if first.casefold() in _PERCENT:
            return Unit(word=PERCENT)
    return Unit(
        word=" ".join(singular(w) for w in words if w not in ("of", "the", "a", "in", "total", "altogether"))
        or words[0]
    )


def _known(name: str) -> Unit:
    if name in _OWN:
        return Unit(word=name)
    return Unit(parts=_COMPOSED.get(name, ((name, 1),)))


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
        name = _lookup(match[2])
        if name is None or name in _OWN:
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


_SCALES = {
    "celsius": (Fraction(1), Fraction(27315, 100)),
    "fahrenheit": (Fraction(5, 9), Fraction(45967, 100)),
    "kelvin": (Fraction(1), Fraction(0)),
}


def temperature(unit: Unit) -> tuple[Fraction, Fraction] | None:
    """(factor, offset) with which a temperature is (value + offset) times factor in kelvin; None for all that is none."""
    return _SCALES.get("kelvin" if unit.parts == (("kelvin", 1),) else unit.word)


def singular(word: str) -> str:
    """A crude singular: enough to see that "apples" and "apple" are one thing."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def conversion(source: Unit, target: Unit) -> Fraction | None:
    """Factor from one unit to the other; None where they do not measure the same."""
    if source == target:
        return Fraction(1)
    if source.word or target.word:
        if source.is_counted and target.is_counted:
            a, b = set(source.word.split()), set(target.word.split())
            if a <= b or b <= a or a <= _COUNTERS or b <= _COUNTERS:
                return Fraction(1)
        return None
    return _conversion(source, target)


@lru_cache(maxsize=4096)
def _conversion(source: Unit, target: Unit) -> Fraction | None:
    for kind in (_ANGLES, _DATA):
        if sum(p for n, p in source.parts if n in kind) != sum(p for n, p in target.parts if n in kind):
            return None
    registry = _registry()
    ratio = registry.Quantity(Fraction(1))
    for name, power in source.parts:
        ratio = ratio * registry.Quantity(Fraction(1), name) ** power
    for name, power in target.parts:
        ratio = ratio / registry.Quantity(Fraction(1), name) ** power
    if not ratio.dimensionless:
        return None
    magnitude = ratio.to_base_units().magnitude
    return magnitude if isinstance(magnitude, Fraction) else Fraction(magnitude).limit_denominator(10**9)


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry = pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)
    registry.define("market_pound = 0.5 * kilogram")
    registry.define("chinese_li = 500 * meter")
    return registry
