"""Answers made of several things: items, letters, intervals, boxes.

Belongs here: taking such a text apart. Does not belong here: comparing the parts (verifier.py).
"""

from __future__ import annotations

import re
from fractions import Fraction

from wethink_assets.rewards import exact

MAX_ITEMS = 64
_OPEN, _CLOSE = "([{", ")]}"
# Only the first space of a run may begin a match: from any of them, a flood of spaces would cost the square of its length.
_BEFORE = r"(?:(?<!\s)\s+)"
_CONJUNCTION = re.compile(
    rf"{_BEFORE}(?:and|or)\s+|{_BEFORE}?(?:\\text\s*\{{\s*(?:and|or)\s*\}}|&|和|与|及|或)\s*", re.IGNORECASE
)
_ARROW = re.compile(rf"{_BEFORE}?(?:→|->|=>|⇒|\\rightarrow|\\to)\s*")
_SLASHED = re.compile(r"[^\W\d_]{2,20}(?:/[^\W\d_]{2,20}){1,9}")
_NUMBER = r"-?\d{1,15}(?:\.\d{1,15})?"
_RANGE = re.compile(rf"(?:from |between )?({_NUMBER})\s?(?:-|~|to|and|到|至)\s?({_NUMBER})", re.IGNORECASE)
_BOX_NUMBERS = re.compile(r"-?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})")
_BOX_TEXT = re.compile(r"[\s\[\](){},;:\"'xyXY12wh=._a-zA-Z\d-]*")
_ONE_SIDED = re.compile(r"([^<>≤≥=]{1,60})\s*(<=|>=|<|>|≤|≥)\s*([^<>≤≥=]{1,60})")
_NAME = re.compile(r"\\?[A-Za-z]{1,6}")
_BOX_WRAP = re.compile(r"```(?:json)?|</?box>|<\|box_(?:start|end)\|>", re.IGNORECASE)
_INEQUALITY = re.compile(
    r"([^<>≤≥=]{1,60})\s*(<=|>=|<|>|≤|≥)\s*\\?([a-zA-Z]{1,6})\s*(<=|>=|<|>|≤|≥)\s*([^<>≤≥=]{1,60})"
)
_ENDPOINTS = re.compile(r"([\[(])\s{0,4}([^,;]{1,60})[,;]\s{0,4}([^,;]{1,60})([\])])")
_LETTER = re.compile(r"[A-Z]")
_MEMBER = re.compile(r"^[A-Za-z]\s?(?:∈|\\in)\s?")
_BULLET = re.compile(r"(?:^|(?<=\s))(?:(\d{1,2})[.)]|[-*•])\s")
_MATRIX = re.compile(
    r"\\begin\s?\{([pbB]?matrix|array)\}(?:\{[clr|]{1,9}\})?([^\\]{1,80}(?:\\{1,2}[^\\]{1,80}){0,8})\\end\s?\{\1\}"
)
_UNION = re.compile(r"∪|\\cup(?![a-z])")
_PLUS_MINUS = re.compile(r"(?:[A-Za-z]\s*=\s*)?(?:±|\\pm)\s*([^,;±]{1,60})")
_BOTH = re.compile(r"\s(?:and|且)\s|\\text\s?\{\s?and\s?\}|且", re.IGNORECASE)
_IN_WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (
            r"\s?(?:\bis )?\b(?:greater|more|larger) than or equal to\b\s?|大于等于|大于或等于|不小于|\\geq?(?![a-z])|≧",
            "≥",
        ),
        (r"\s?(?:\bis )?\b(?:less|smaller) than or equal to\b\s?|小于等于|小于或等于|不大于|\\leq?(?![a-z])|≦", "≤"),
        (r"\s?(?:\bis )?\b(?:greater|more|larger) than\b\s?|大于|\\gt(?![a-z])", ">"),
        (r"\s?(?:\bis )?\b(?:less|smaller) than\b\s?|小于|\\lt(?![a-z])", "<"),
    )
)
_EMPTY = frozenset(
    (
        "∅",
        "\\emptyset",
        "\\varnothing",
        "{}",
        "{ }",
        "\\{\\}",
        "empty set",
        "the empty set",
        "no solution",
        "no solutions",
        "no solution exists",
        "has no solution",
        "there is no solution",
        "there are no solutions",
        "无解",
        "空集",
        "没有解",
        "方程无解",
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


def items(text: str) -> tuple[list[str], str]:
    """(items, opening bracket or ""). One item where the text is no enumeration."""
    text = text.replace("\\left", "").replace("\\right", "").replace("\\{", "{").replace("\\}", "}").strip()
    text = _MEMBER.sub("", text)
    bracket = ""
    if len(text) >= 2 and text[0] in _OPEN and text[-1] == _CLOSE[_OPEN.index(text[0])] and _spans(text):
        bracket, text = text[0], text[1:-1]
    text = _ARROW.sub(", ", text)
    pieces = _split(text, ";")
    if len(pieces) == 1 and "/" in text and _SLASHED.fullmatch(text):
        pieces = text.split("/")
    if len(pieces) == 1:
        # "1,234, 5,678": where commas with a space stand, the others group digits
        pieces = _split(text, ", ") if ", " in text and re.search(r"\d,\d{3}(?!\d)", text) else _split(text, ",")
    found: list[str] = []
    for piece in pieces:
        found.extend(p for p in _CONJUNCTION.split(piece))
    cleaned = [re.sub(r"^(?:and|or) ", "", item.strip(" '\"")) for item in found]
    return [item for item in cleaned if item][: MAX_ITEMS + 1], bracket


def bullets(text: str) -> list[str] | None:
    """The items of a list with bullets, or numbered from 1 on; None for any other text."""
    marks = list(_BULLET.finditer(text))
    numbers = [m[1] for m in marks]
    counted = [str(i) for i in range(1, len(marks) + 1)]
    if len(marks) < 2 or len(marks) > MAX_ITEMS or marks[0].start() != 0 or (any(numbers) and numbers != counted):
        return None
    ends = [*(m.start() for m in marks[1:]), len(text)]
    return [text[m.end() : end].strip(" .;,") for m, end in zip(marks, ends, strict=True)]


def both_signs(text: str) -> list[str] | None:
    """The two values of ±a and of x = ±a; None for any other text."""
    match = _PLUS_MINUS.fullmatch(text)
    return [match[1].strip(), f"-({match[1].strip()})"] if match else None


def matrix(text: str) -> list[str] | None:
    """The rows of a matrix as "[1, 2]", the cells of a single row or column; None for any other text."""
    match = _MATRIX.fullmatch(text.replace("\\left", "").replace("\\right", "").strip("()[] "))
    if match is None:
        return None
    rows = [[cell.strip() for cell in row.split("&")] for row in re.split(r"\\+", match[2]) if row.strip()]
    if len(rows) == 1:
        return rows[0]
    return [row[0] if len(row) == 1 else f"[{', '.join(row)}]" for row in rows]


def is_empty_set(text: str) -> bool:
    """Whether a cleaned text says that there is no solution."""
    return text.casefold() in _EMPTY


def is_all_reals(text: str) -> bool:
    """Whether a cleaned text names the real numbers."""
    text = _MEMBER.sub("", text).replace("\\left", "").replace("\\right", "").casefold()
    return text in _REALS or text.replace(" ", "") in _REALS


def joined_by_word(text: str) -> bool:
    """Whether "and", "和" or the like joins the parts."""
    return bool(_CONJUNCTION.search(text))


def _spans(text: str) -> bool:
    depth = 0
    for index, character in enumerate(text):
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth -= 1
            if depth == 0 and index < len(text) - 1:
                return False
    return depth == 0


def _split(text: str, separator: str) -> list[str]:
    """Split outside all brackets."""
    pieces, depth, start, index = [], 0, 0, 0
    while index < len(text):
        if text[index] in _OPEN:
            depth += 1
        elif text[index] in _CLOSE:
            depth -= 1
        elif depth <= 0 and text.startswith(separator, index):
            pieces.append(text[start:index])
            index += len(separator)
            start = index
            continue
        index += 1
    return [*pieces, text[start:]]


def bare_letters(text: str) -> str:
    """Option letters where the whole text is nothing else: "B", "(b)", "A, C", "ACD"; else empty."""
    text = text.strip(" .()[]")
    if len(text) == 1:
        return text.upper() if text.isascii() and text.isalpha() else ""
    if text.isascii() and text.isalpha():
        in_order = text.isupper() and len(text) <= 6 and list(text) == sorted(set(text))
        return text if in_order else ""
    pieces = [p.strip(" ()[].") for p in re.split(r"[,;/&\s]+|(?:\band\b)|和|与|、", text)]
    pieces = [p for p in pieces if p]
    if 1 < len(pieces) <= 10 and all(len(p) == 1 and _LETTER.fullmatch(p) for p in pieces):
        return "".join(pieces)
    return ""


def interval(text: str) -> Interval | None:
    """(low, high, low closed, high closed); closed is None where the writing does not say."""
    text = text.replace("\\left", "").replace("\\right", "")
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    text = _MEMBER.sub("", text.strip()).replace("\\infty", "∞").replace("infinity", "∞").replace("inf", "∞")
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


def _half_line(left: str, sign: str, right: str) -> Interval | None:
    """x < 3 and 3 > x as (-∞, 3)."""
    closed = sign in ("<=", "≤", ">=", "≥")
    if _NAME.fullmatch(right) and not _NAME.fullmatch(left):
        left, right, sign = right, left, {"<": ">", "≤": "≥", ">": "<", "≥": "≤"}[sign[0].replace("=", "")]
    if not _NAME.fullmatch(left):
        return None
    return _ordered("-∞", right, False, closed) if sign[0] in "<≤" else _ordered(right, "∞", closed, False)


def variable(text: str) -> str | None:
    """The variable that an inequality is about, if the text is one."""
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    sides = re.split(r"<=|>=|[<>≤≥]|∈|\\in\b", text)
    names = [side.strip() for side in sides if _NAME.fullmatch(side.strip())]
    return names[0] if len(sides) > 1 and len(names) == 1 else None


def union(text: str) -> list[str] | None:
    """The intervals that a text joins by ∪; None for any other text."""
    pieces = [piece.strip() for piece in _UNION.split(_MEMBER.sub("", text))]
    return pieces if 1 < len(pieces) <= MAX_ITEMS and all(map(bracketed_interval, pieces)) else None


def bracketed_interval(text: str) -> Interval | None:
    """As `interval`, for a reply to a gold that is one: [1, 2] and (1, 2) are intervals too, and so is "x > 1 and x < 2"."""
    if found := interval(text):
        return found
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    halves = _BOTH.split(text)
    if len(halves) == 2 and halves[1][:1] in tuple("<>≤≥") and (name := variable(halves[0])):
        halves[1] = name + halves[1]  # "x > 0 and < 5"
    if len(halves) == 2 and (found := _overlap_of(*map(interval, halves))):
        return found if variable(halves[0]) == variable(halves[1]) else None
    text = text.replace("\\left", "").replace("\\right", "").strip()
    if match := _ENDPOINTS.fullmatch(text):
        return _ordered(match[2].strip(), match[3].strip(), match[1] == "[", match[4] == "]")
    return None


def _overlap_of(a: Interval | None, b: Interval | None) -> Interval | None:
    """What a half line to the right and one to the left have in common."""
    if a is None or b is None:
        return None
    if a[0] == "-∞":
        a, b = b, a
    return _ordered(a[0], b[1], a[2], b[3]) if a[1] == "∞" and b[0] == "-∞" and a[0] != "-∞" and b[1] != "∞" else None


def _ordered(low: str, high: str, low_closed: bool, high_closed: bool) -> Interval | None:
    for end in (low, high):
        if end.strip("+- ") != "∞":
            try:
                exact.parse(end)
            except exact.NotExactError:
                return None
    return (low, high, low_closed, high_closed)


def box(text: str, *, bare: bool = False) -> tuple[float, float, float, float] | None:
    """x1, y1, x2, y2 of a text that holds four numbers and nothing but box syntax; `bare`: also without brackets."""
    text = _BOX_WRAP.sub(" ", text).replace("`", " ").strip()
    if len(text) > 200 or not (bare or any(c in text for c in "[({")):
        return None
    if not _BOX_TEXT.fullmatch(text):
        return None
    inside = re.sub(r"[A-Za-z_]+\d?(?:_?\d+d)?", " ", text)
    numbers = _BOX_NUMBERS.findall(inside)
    if len(numbers) != 4:
        return None
    x1, y1, x2, y2 = (float(n) for n in numbers)
    return (x1, y1, x2, y2) if x1 <= x2 and y1 <= y2 else None


def overlap(a: tuple[float, ...] | list[float], b: tuple[float, ...] | list[float]) -> float:
    """Intersection over union of two boxes; two equal boxes without area count as 1."""
    if list(a) == list(b):
        return 1.0
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0
