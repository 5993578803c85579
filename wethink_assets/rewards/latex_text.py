"""LaTeX typesetting taken off a text: spaces, fonts, siunitx macros and degree signs around a number and its unit.

Belongs here: commands that change how a text looks and not what it says. Does not belong here: what a number or a unit
means (scalars.py, units.py), mathematics (exact.py, expressions.py).

An unknown spacing or font command in front of a unit would hide it, and a hidden unit is a unit left out, which counts
as right; hence one place that knows them all.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = re.compile(
    r"\\(?:[,;:!>\s]|(?:quad|qquad|thinspace|medspace|thickspace|negthinspace|negmedspace|negthickspace|enspace|enskip"
    r"|space|nobreakspace|hfill|hfil|nobreak|allowbreak|limits|displaystyle|textstyle|scriptstyle|normalsize|small|large"
    r"|Large)(?![A-Za-z]))"
    r"|\\(?:hspace|mspace|hphantom|phantom|vphantom|kern|mkern|hskip|mskip)\*?\s?"
    r"(?:\{[^{}]{0,20}\}|-?\d{0,3}(?:\.\d{1,3})?\s?(?:em|ex|pt|mu|cm|mm)(?![A-Za-z]))"
    r"|(?<=[\w)}{\]$%° ])~(?=[^\d~])|\{\}"
)
_FONTS = (
    r"(?:text(?:rm|up|normal|it|bf|sf|tt|sl|sc|md)?|math(?:rm|it|bf|sf|tt|normal|bb|cal|op|ord|bin|rel|inner|punct)"
    r"|mbox|hbox|fbox|operatorname|rm|bf|it|sf|tt|bm|boldsymbol|emph|ensuremath|underline|unit|si|mathup|pmb|symup"
    r"|symrm|normalfont|upshape|textnormal)"
)
_FONT = re.compile(rf"\\{_FONTS}\*?\s?\{{([^{{}}]*)\}}")
_OLD_GROUP = re.compile(r"\{\s?\\(?:rm|bf|it|sf|tt|normalfont|upshape)(?![A-Za-z{])\s?([^{}]{0,60})\}")
_OLD_FONT = re.compile(r"\\(?:rm|bf|it|sf|tt|mathrm|text|textrm|normalfont|upshape|mathbf)(?![A-Za-z{])\s?")
_WORDS_IN_BRACES = re.compile(
    r"(?<![\w\]}_^\\])\{\s?([A-Za-zµμΩ°%/*·^\d\s.-]{0,40}[A-Za-zµμΩ°%][A-Za-zµμΩ°%/*·^\d\s-]{0,20})\}"
)
_QUANTITY = re.compile(r"\\(?:SI|qty)\s?(?:\[[^\]]{0,40}\])?\s?\{([^{}]{1,60})\}\s?\{([^{}]{1,80})\}")
_NUM = re.compile(r"\\num\s?\{([^{}]{1,60})\}")
_PREFIX = re.compile(r"\\(kilo|centi|milli|micro|nano|mega|giga|tera|deci|hecto)\s?\\?(?=[A-Za-z])")
_MACRO = re.compile(
    r"\\(meter|metre|gram|second|minute|hour|day|liter|litre|newton|joule|watt|volt|ampere|ohm|coulomb|farad|tesla"
    r"|pascal|hertz|kelvin|mole|percent|byte|bit|radian|kg|cm|mm|km)(?![A-Za-z])"
)
_SIGN = {
    "degreeCelsius": "°C",
    "degreecelsius": "°C",
    "celsius": "°C",
    "textcelsius": "°C",
    "degreeFahrenheit": "°F",
    "textdegree": "°",
    "degree": "°",
    "degrees": "°",
    "Omega": "Ω",
    "textohm": "Ω",
    "upmu": "µ",
    "textmu": "µ",
    "textdollar": "$",
    "texteuro": "€",
    "euro": "€",
    "pounds": "£",
    "textsterling": "£",
    "yen": "¥",
    "textyen": "¥",
    "per": "/",
    "squared": "^2",
    "cubed": "^3",
    "textpercent": "%",
}
_SIGNS = re.compile(rf"\\({'|'.join(_SIGN)})(?![A-Za-z])")
_MICRO = re.compile(r"(?:\\mu(?![A-Za-z])|\{\\mu\})\s?(?=[A-Za-z])")
_DEGREE = re.compile(r"\^\s{0,3}\{?\s{0,3}(?:\\circ|°|o(?=\s?\}))\s{0,3}\}?|\\circ(?![A-Za-z])|\{\s{0,3}°\s{0,3}\}")
_SCALE = re.compile(r"°\s{0,3}\{?\s{0,3}([CFK])\s?\}?(?![A-Za-z])")
_INLINE = re.compile(r"(?<![\\\w])\$([^$]{1,200}?[\w)}\]%°!.])\s?\$(?!\d)")
_PARENTHESES = re.compile(r"\\\(\s?([^()$]{1,200}?)\s?\\\)|\\\[\s?([^\[\]$]{1,200}?)\s?\\\]")


def without_dollars(text: str) -> str:
    """Without the signs of inline mathematics: `$24$ cm` and `\\(24\\)` as 24; a currency's sign stays."""
    if "\\(" in text or "\\[" in text:
        text = _PARENTHESES.sub(lambda m: m[1] or m[2], text)
    return _INLINE.sub(r"\1", text) if text.count("$") > 1 else text


@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """The text without spacing and font commands and braces around words, degree signs and unit macros as signs."""
    if "\\" not in text and "{" not in text and "~" not in text and "^" not in text and "°" not in text:
        return text
    text = _QUANTITY.sub(r"\1 \2", text)
    text = _NUM.sub(r"\1", text)
    text = _PREFIX.sub(r" \1", text)
    text = _MACRO.sub(r" \1", text)
    text = _SIGNS.sub(lambda m: _SIGN[m[1]], text)
    for _ in range(6):
        before = text
        text = _SPACE.sub(" ", text)
        text = _FONT.sub(r" \1 ", text)
        if text == before:
            break
    text = _OLD_FONT.sub(" ", _OLD_GROUP.sub(r" \1 ", text))
    text = _MICRO.sub("µ", text)
    text = _DEGREE.sub("°", text)
    text = _WORDS_IN_BRACES.sub(r" \1 ", text)
    text = _SCALE.sub(r"°\1", text.replace("\\%", "%"))
    return " ".join(text.split())


_PRODUCT = re.compile(r"\s?(?:\\(?:cdot|times|ast|bullet)(?![A-Za-z])|⋅|·|∙)\s?")
_OVER = re.compile(r"\\[dt]?frac\s?\{([^{}]{1,30})\}\s?\{([^{}]{1,30})\}")


def plain_unit(text: str) -> str:
    """What follows a number, with its products and fractions as signs: kg \\cdot m, \\frac{m}{s}."""
    if "\\" not in text:
        return text
    return _OVER.sub(lambda m: f"{m[1]}/{_PRODUCT.sub('/', m[2].strip())}", _PRODUCT.sub("*", text)).strip()
