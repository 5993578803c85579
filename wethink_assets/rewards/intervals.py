"""Intervals and inequalities: reading "[1, 2)", "x > 3", "between 1 and 2" and unions of them.

Belongs here: the ends of an interval, whether they are closed, the variable. Does not belong here: comparing two
(rule_several.py).
"""

from __future__ import annotations

import re
from fractions import Fraction

from wethink_assets.rewards import exact, surds
from wethink_assets.rewards.lists import MAX_ITEMS, MEMBER

_NUMBER = r"-?\d{1,15}(?:\.\d{1,15})?"
_RANGE = re.compile(rf"(?:from |between )?({_NUMBER})\s?(?:-|~|to|and|到|至)\s?({_NUMBER})", re.IGNORECASE)
_ONE_SIDED = re.compile(r"([^<>≤≥=]{1,60})\s*(<=|>=|<|>|≤|≥)\s*([^<>≤≥=]{1,60})")
_NAME = re.compile(r"\\?[A-Za-zα-ωΑ-Ω]{1,6}")
_INEQUALITY = re.compile(
    r"([^<>≤≥=]{1,60})\s*(<=|>=|<|>|≤|≥)\s*\\?([a-zA-Zα-ωΑ-Ω]{1,6})\s*(<=|>=|<|>|≤|≥)\s*([^<>≤≥=]{1,60})"
)
_ENDPOINTS = re.compile(r"([\[(])\s{0,4}([^,;]{1,60})[,;]\s{0,4}([^,;]{1,60})([\])])")
_UNION = re.compile(r"∪|\\cup(?![a-z])")
_BOTH = re.compile(r"\s(?:and|且)\s|\\text\s?\{\s?and\s?\}|且", re.IGNORECASE)
_IN_WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (
            (
                r"\s?(?:\bis )?\b(?:greater|more|larger) than or equal to\b\s?"
                r"|大于等于|大于或等于|不小于|\\geq?(?![a-z])|≧"
            ),
            "≥",
        ),
        (r"\s?(?:\bis )?\b(?:less|smaller) than or equal to\b\s?|小于等于|小于或等于|不大于|\\leq?(?![a-z])|≦", "≤"),
        (r"\s?(?:\bis )?\b(?:greater|more|larger) than\b\s?|大于|\\gt(?![a-z])", ">"),
        (r"\s?(?:\bis )?\b(?:less|smaller) than\b\s?|小于|\\lt(?![a-z])", "<"),
    )
)
_REALS = frozenset(
    (
        "r",
        "\\mathbb{r}",
        "\\mathbb r",
        "\\r",
        "all real numbers",
        "all reals",
        "the real numbers",
        "the set of all real numbers",
        "real numbers",
        "全体实数",
        "所有实数",
        "实数集",
        "(-∞,∞)",
        "(-∞,+∞)",
        "(-\\infty,\\infty)",
        "(-\\infty,+\\infty)",
    )
)


Interval = tuple[str, str, bool | None, bool | None]


def parse_interval(text: str) -> Interval | None:
    """(low, high, low closed, high closed); closed is None where the writing does not say."""
    text = text.replace("\\left", "").replace("\\right", "")
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    text = MEMBER.sub("", text.strip()).replace("\\infty", "∞").replace("infinity", "∞").replace("inf", "∞")
    if match := _ENDPOINTS.fullmatch(text):
        low, high = match[2].strip(), match[3].strip()
        half_open = (match[1] == "[") != (match[4] == "]")
        if not (half_open or "∞" in low or "∞" in high):
            return None  # [1, 2] and (1, 2) are a list or a point until a gold says interval
        return _ordered(low, high, match[1] == "[", match[4] == "]")
    if match := _INEQUALITY.fullmatch(text):
        closed_left, closed_right = match[2] in ("<=", "≤", ">=", "≥"), match[4] in ("<=", "≤", ">=", "≥")
        if match[2][0] in "<≤" and match[4][0] in "<≤":
            return _ordered(match[1].strip(), match[5].strip(), closed_left, closed_right)
        if match[2][0] in ">≥" and match[4][0] in ">≥":
            return _ordered(match[5].strip(), match[1].strip(), closed_right, closed_left)
        return None
    if match := _ONE_SIDED.fullmatch(text):
        return _half_line(match[1].strip(), match[2], match[3].strip())
    if (match := _RANGE.fullmatch(text)) and ("and" not in text or text.lower().startswith("between")):
        low, high = Fraction(match[1]), Fraction(match[2])
        return (match[1], match[2], None, None) if low < high else None
    return None


def bracketed_interval(text: str) -> Interval | None:
    """As `parse_interval`, for a reply to a gold that is one.

    [1, 2] and (1, 2) are intervals too, and so is "x > 1 and x < 2".
    """
    if plain := parse_interval(text):
        return plain
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    halves = _BOTH.split(text)
    if len(halves) == 2 and halves[1][:1] in tuple("<>≤≥") and (name := variable(halves[0])):
        halves[1] = name + halves[1]  # "x > 0 and < 5"
    if len(halves) == 2 and (shared := _overlap_of(*map(parse_interval, halves))):
        return shared if variable(halves[0]) == variable(halves[1]) else None
    text = text.replace("\\left", "").replace("\\right", "").strip()
    if match := _ENDPOINTS.fullmatch(text):
        return _ordered(match[2].strip(), match[3].strip(), match[1] == "[", match[4] == "]")
    return None


def union(text: str) -> list[str] | None:
    """The intervals that a text joins by ∪; None for any other text."""
    pieces = [piece.strip() for piece in _UNION.split(MEMBER.sub("", text))]
    return pieces if 1 < len(pieces) <= MAX_ITEMS and all(map(bracketed_interval, pieces)) else None


def variable(text: str) -> str | None:
    """The variable that an inequality is about, if the text is one."""
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    sides = re.split(r"<=|>=|[<>≤≥]|∈|\\in\b", text)
    names = [side.strip() for side in sides if _NAME.fullmatch(side.strip())]
    return names[0] if len(sides) > 1 and len(names) == 1 else None


def is_all_reals(text: str) -> bool:
    """Whether a cleaned text names the real numbers."""
    text = MEMBER.sub("", text).replace("\\left", "").replace("\\right", "").casefold()
    return text in _REALS or text.replace(" ", "") in _REALS


def _half_line(left: str, sign: str, right: str) -> Interval | None:
    """x < 3 and 3 > x as (-∞, 3)."""
    closed = sign in ("<=", "≤", ">=", "≥")
    if _NAME.fullmatch(right) and not _NAME.fullmatch(left):
        left, right, sign = right, left, {"<": ">", "≤": "≥", ">": "<", "≥": "≤"}[sign[0].replace("=", "")]
    if not _NAME.fullmatch(left):
        return None
    return _ordered("-∞", right, False, closed) if sign[0] in "<≤" else _ordered(right, "∞", closed, False)


def _overlap_of(a: Interval | None, b: Interval | None) -> Interval | None:
    """What a half line to the right and one to the left have in common."""
    if a is None or b is None:
        return None
    if a[0] == "-∞":
        a, b = b, a
    return (
        _ordered(a[0], b[1], bool(a[2]), bool(b[3]))
        if a[1] == "∞" and b[0] == "-∞" and a[0] != "-∞" and b[1] != "∞"
        else None
    )


def _ordered(low: str, high: str, low_closed: bool, high_closed: bool) -> Interval | None:
    for end in (low, high):
        if end.strip("+- ") != "∞":
            try:
                exact.parse(end)
            except surds.NotExactError:
                return None
    return (low, high, low_closed, high_closed)
