"""Names of units of measurement, in English, Chinese and LaTeX: the tables, and looking a writing up in them.

Belongs here: every writing of a unit, and which units are counts of what. Does not belong here: reading a text that
holds more than one name (units.py), factors (unit_conversion.py).
"""

from __future__ import annotations

# pint's name, then other writings of it. Single letters are case-sensitive, words are not.
_UNITS: dict[str, str] = {
    "meter": "m|metre|meters|metres|米|公尺",
    "kilometer": "km|kilometre|kilometers|kilometres|kms|千米|公里",
    "centimeter": "cm|centimetre|centimeters|centimetres|cms|厘米|公分",
    "millimeter": "mm|millimetre|millimeters|millimetres|毫米",
    "decimeter": "dm|decimetre|decimeters|decimetres|分米",
    "micrometer": "µm|μm|um|micron|microns|micrometers|micrometre|micrometres|微米|micrometer",
    "nanometer": "nm|nanometers|nanometres|纳米",
    "inch": "in|inches|英寸|″|′′",
    "foot": "ft|feet|英尺|′",
    "yard": "yd|yards|码",
    "mile": "mi|miles|英里",
    "light_year": "light-year|light-years|light years|ly|光年",
    "kilogram": "kg|kilograms|kgs|kilo|kilos|千克|公斤|kilogramme|kilogrammes",
    "gram": "g|grams|gm|克|gramme|grammes",
    "milligram": "mg|milligrams|毫克",
    "microgram": "µg|μg|ug|micrograms|微克",
    "market_pound": "斤|市斤",
    "chinese_li": "里",
    "metric_ton": "t|tonne|tonnes|metric tons|metric ton|metric tonnes|公吨|吨",
    "kilometric_ton": "kt|kilotonne|kilotonnes",
    "megametric_ton": "Mt|megatonne|megatonnes",
    "gigametric_ton": "Gt|gigatonne|gigatonnes",
    "pound": "lb|lbs|pounds|磅",
    "ounce": "oz|ounces|盎司",
    "second": "s|sec|secs|seconds|秒|秒钟",
    "minute": "min|mins|minutes|分钟",
    "hour": "h|hr|hrs|hours|小时",
    "day": "days|天",
    "week": "wk|wks|weeks|周|星期",
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
    "square_foot": "sqft|sq.ft",
    "cubic_meter": "立方米",
    "cubic_centimeter": "cc|立方厘米",
    "newton": "N|newtons|牛|牛顿",
    "kilonewton": "kN|kilonewtons|千牛",
    "joule": "J|joules|焦|焦耳",
    "kilojoule": "kJ|千焦",
    "megajoule": "MJ|megajoules",
    "calorie": "cal|calories|卡",
    "kilocalorie": "kcal|千卡|大卡",
    "watt_hour": "Wh|watt-hours|watt hours",
    "kilowatt_hour": "kWh|kilowatt-hour|kilowatt-hours|kilowatt hours|千瓦时|度电",
    "electron_volt": "eV|electronvolt|electronvolts|electron volts",
    "watt": "W|watts|瓦|瓦特",
    "milliwatt": "mW|milliwatts",
    "kilowatt": "kW|kilowatts|千瓦",
    "megawatt": "MW|megawatts",
    "gigawatt": "GW|gigawatts",
    "megawatt_hour": "MWh|megawatt-hours|megawatt hours",
    "gigawatt_hour": "GWh|gigawatt-hours|gigawatt hours",
    "terawatt_hour": "TWh|terawatt-hours|terawatt hours",
    "henry": "H|henries|henrys",
    "millihenry": "mH|millihenries",
    "microhenry": "µH|μH|microhenries",
    "ampere_hour": "Ah|ampere-hours|amp-hours",
    "milliampere_hour": "mAh|milliampere-hours|milliamp-hours",
    "nautical_mile": "nmi|NM|nautical-miles|nautical miles|sea miles|海里",
    "knot": "kn|knots|节",
    "angstrom": "Å|angstroms|ångström|ångströms|埃",
    "nanosecond": "ns|nanoseconds|纳秒",
    "becquerel": "Bq|becquerels",
    "kilobecquerel": "kBq|kilobecquerels",
    "megabecquerel": "MBq|megabecquerels",
    "sievert": "Sv|sieverts",
    "millisievert": "mSv|millisieverts",
    "microsievert": "µSv|μSv|microsieverts",
    "weber": "Wb|webers",
    "lux": "lx",
    "lumen": "lm|lumens",
    "candela": "cd|candelas",
    "teaspoon": "tsp|tsps|teaspoons|茶匙",
    "tablespoon": "tbsp|tbsps|tablespoons|汤匙",
    "fluid_ounce": "fl oz|fl. oz|fluid ounces",
    "quart": "qt|quarts",
    "millimeter_Hg": "mmHg|mm Hg|毫米汞柱",
    "horsepower": "hp|马力",
    "volt": "V|volts|伏|伏特",
    "millivolt": "mV|millivolts|毫伏",
    "kilovolt": "kV|kilovolts",
    "megavolt": "MV|megavolts",
    "ampere": "A|amp|amps|amperes|安|安培",
    "milliampere": "mA|milliamps|milliamp|milliamperes|毫安",
    "ohm": "Ω|ohms|欧|欧姆",
    "kiloohm": "kΩ|kiloohms|kilohm|kilohms|千欧",
    "megaohm": "MΩ|megaohms|megohm|megohms|兆欧",
    "coulomb": "C|库仑",
    "farad": "F|farads",
    "tesla": "T|teslas",
    "millitesla": "mT|milliteslas",
    "microcoulomb": "µC|μC|microcoulombs",
    "nanocoulomb": "nC|nanocoulombs",
    "microfarad": "µF|μF|microfarads",
    "nanofarad": "nF",
    "picofarad": "pF",
    "microampere": "µA|μA|microamps|microamperes",
    "millimole": "mmol|millimoles",
    "centiliter": "cl|cL|centilitre|centiliters|centilitres",
    "deciliter": "dl|dL|decilitre|deciliters|decilitres",
    "microsecond": "µs|μs|microseconds",
    "megaelectron_volt": "MeV",
    "kiloelectron_volt": "keV",
    "pascal": "Pa|pascals|帕",
    "hectopascal": "hPa|hectopascals",
    "kilopascal": "kPa|千帕|kilopascals",
    "megapascal": "MPa|megapascals|兆帕",
    "gigapascal": "GPa|gigapascals",
    "bar": "bars",
    "atmosphere": "atm|atms|atmospheres|大气压",
    "psi": "psi",
    "hertz": "Hz|赫兹",
    "kilohertz": "kHz|kilohertzes",
    "megahertz": "MHz",
    "gigahertz": "GHz",
    "kelvin": "K|开尔文",
    "mole": "mol|moles|摩尔",
    "molar": "molar",
    "decibel": "dB|decibels|分贝",
    "kilometer_per_hour": "km/h|kph|kmh|公里每小时|千米每小时|kmph|km/hr|km/hour|kms/h",
    "mile_per_hour": "mph",
    "meter_per_second": "mps|米每秒",
    "byte": "bytes",
    "kilobyte": "KB|kB|kb|kilobytes",
    "megabyte": "MB|mb|megabytes",
    "gigabyte": "GB|gb|gigabytes",
    "terabyte": "TB|tb|terabytes",
    "bit": "bits",
    "millijoule": "mJ|millijoules|毫焦",
    "microjoule": "µJ|μJ|microjoules",
    "gigajoule": "GJ|gigajoules",
    "millinewton": "mN|millinewtons",
    "meganewton": "meganewtons",
    "kiloampere": "kA|kiloamps|kiloamperes",
    "microvolt": "µV|μV|microvolts",
    "microwatt": "µW|μW|microwatts",
    "milliohm": "mΩ|milliohms",
    "millicoulomb": "millicoulombs",
    "microtesla": "µT|μT|microteslas",
    "micromole": "µmol|μmol|micromoles",
    "kilomole": "kmol|kilomoles",
    "microliter": "µL|μL|µl|μl|microliters|microlitres",
    "hectoliter": "hectoliters|hectolitres",
    "nanogram": "nanograms",
    "millibar": "mbar|millibars",
    "kilocoulomb": "kilocoulombs",
    "terahertz": "THz",
    "terawatt": "terawatts",
    "petabyte": "petabytes",
    "kilobit_per_second": "kbps|kbit/s|kb/s|kilobits per second",
    "megabit_per_second": "Mbps|Mbit/s|Mb/s|megabits per second",
    "gigabit_per_second": "Gbps|Gbit/s|Gb/s|gigabits per second",
    "megabyte_per_second": "MBps|MB/s|megabytes per second",
    "kilobit": "Kb|kbit|kilobits",
    "megabit": "Mb|Mbit|megabits",
    "gigabit": "Gb|Gbit|gigabits",
}
# Units that pint does not know or that have offsets: each measures only itself.
OWN: dict[str, str] = {
    "celsius": (
        "°C|℃|degrees celsius|degree celsius|celsius|degrees c|degree c|deg c|degrees centigrade|centigrade|摄氏度"
    ),
    "fahrenheit": "°F|℉|degrees fahrenheit|degree fahrenheit|fahrenheit|degrees f|degree f|deg f|华氏度",
    "dollar": "$|usd|dollars|us$|bucks|美元",
    "euro": "€|eur|euros|欧元",
    "pound_sterling": "£|gbp|英镑",
    "yuan": "¥|cny|rmb|元|人民币|块",
    "yen": "jpy|yen|日元",
    "rupee": "₹|inr|rs|rupees|卢比",
    "beat_per_minute": "bpm|beats per minute|beats/min|beats/minute|beats a minute",
    "revolution_per_minute": "rpm|r/min|rev/min|revs per minute|revolutions per minute|rotations per minute",
    "count_per_minute": "cpm|counts/min|counts/minute|counts per minute",
    "barrel": "bbl|bbls|barrels",
    "cent": "¢|cents|美分",
}
# One word or sign for what pint writes as several.
COMPOSED: dict[str, tuple[tuple[str, int], ...]] = {
    "square_meter": (("meter", 2),),
    "square_centimeter": (("centimeter", 2),),
    "square_kilometer": (("kilometer", 2),),
    "cubic_meter": (("meter", 3),),
    "cubic_centimeter": (("centimeter", 3),),
    "kilometer_per_hour": (("hour", -1), ("kilometer", 1)),
    "mile_per_hour": (("hour", -1), ("mile", 1)),
    "meter_per_second": (("meter", 1), ("second", -1)),
    "molar": (("liter", -1), ("mole", 1)),
    "kilobit_per_second": (("kilobit", 1), ("second", -1)),
    "megabit_per_second": (("megabit", 1), ("second", -1)),
    "gigabit_per_second": (("gigabit", 1), ("second", -1)),
    "megabyte_per_second": (("megabyte", 1), ("second", -1)),
    "square_foot": (("foot", 2),),
}
# pint counts both as pure numbers, but an angle is no amount of data.
ANGLES = {"degree", "arcminute", "arcsecond", "radian"}
DATA = {"bit", "kilobit", "megabit", "gigabit", "byte", "kilobyte", "megabyte", "gigabyte", "terabyte"}
PERCENT_WORDS = {"%", "percent", "per cent", "percentage", "pct", "percents", "\\%"}
COUNTERS = frozenset("个 只 人 名 本 张 条 辆 朵 件 棵 座 位 支 头 匹 岁 次 种 层 台 把 双 枚 颗 块 页 段".split())


def _names() -> dict[str, str]:
    table: dict[str, str] = {}
    for group in (_UNITS, OWN):
        for name, writings in group.items():
            table[name] = table[name.replace("_", " ")] = name
            for writing in writings.split("|"):
                table[writing] = name
    return table


_NAMES = _names()


def _without_case() -> dict[str, str]:
    """Writings of two and more letters by their folded form, where only one unit has it: MW and mW stay apart."""
    units: dict[str, set[str]] = {}
    for writing, name in _NAMES.items():
        if len(writing) > 1:
            units.setdefault(writing.casefold(), set()).add(name)
    return {folded: names.pop() for folded, names in units.items() if len(names) == 1}


_FOLDED = _without_case()
# Words of longer writings, "beats" and "per" of "beats per minute": they are of the unit and say nothing else.
WORDS = frozenset(word.casefold() for writing in _NAMES if " " in writing for word in writing.split() if len(word) > 1)
_VARIABLES = {
    "mv",
    "ma",
    "kv",
    "Ns",
    "ka",
    "mn",
    "mj",
    "gj",
    "Mn",
    "MA",
}  # products: small letters name no millivolt, and Ns is no nanosecond


def lookup(text: str) -> str | None:
    """The unit's name of a single writing of it, None for any other text."""
    if text in _NAMES:
        return _NAMES[text]
    # "M" is no metre and "CM" is a centimetre: only writings of two and more letters lose their case
    return _FOLDED.get(text.casefold()) if len(text) > 1 and text not in _VARIABLES else None
