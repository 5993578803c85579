"""Lists, sets and letters in answers: taking an enumeration apart into its items.

Belongs here: separators, brackets, bullets, matrices, ±, option letters. Does not belong here: comparing items
(rule_several.py), intervals (intervals.py).
"""

from __future__ import annotations

import re

MAX_ITEMS = 64
MEMBER = re.compile(r"^[A-Za-z]\s?(?:∈|\\in)\s?")  # "x ∈" before a set or an interval
_OPEN, _CLOSE = "([{", ")]}"
# Only the first space of a run may begin a match: from any of them, a flood of spaces would cost the square of its
# length.
_BEFORE = r"(?:(?<!\s)\s+)"
_CONJUNCTION = re.compile(
    rf"{_BEFORE}(?:and|or)\s+|{_BEFORE}?(?:\\text\s*\{{\s*(?:and|or)\s*\}}|&|和|与|及|或)\s*", re.IGNORECASE
)
_ARROW = re.compile(rf"{_BEFORE}?(?:→|->|=>|⇒|\\rightarrow|\\to)\s*")
_SLASHED = re.compile(r"[^\W\d_]{2,20}(?:/[^\W\d_]{2,20}){1,9}")
_NOTE = re.compile(r"(?<=[^\W\d])\s\((?:both |each |all )?(?:\d{4}|[\d.]{1,6}\s?%|both|in that order)\)$")
_VALUE = re.compile(r"(?<=[^\W\d])\s\([-$€£]?\d[\d.,]{0,12}\s?[%A-Za-z]{0,10}\)$")
_LETTER = re.compile(r"[A-Z]")
_BULLET = re.compile(r"(?:^|(?<=\s))(?:\(?(\d{1,2})[.)]|[-*•])\s")
_MATRIX = re.compile(
    r"\\begin\s?\{([pbB]?matrix|array)\}(?:\{[clr|]{1,9}\})?([^\\]{1,80}(?:\\{1,2}[^\\]{1,80}){0,8})\\end\s?\{\1\}"
)
_PLUS_MINUS = re.compile(r"(?:[A-Za-z]\s*=\s*)?(?:±|\\pm)\s*([^,;±]{1,60})")
_SIGNS = re.compile(r"±|\\pm(?![a-z])")
_ROOT_BEHIND = re.compile(r"√|sqrt")  # "5 ± 0.2" is one measured value
_NAMED = re.compile(r"^[A-Za-z]\s?=\s?")
_ANGLED = re.compile(r"^(?:\\langle|[⟨〈<])\s?([^<>⟨⟩\\]{1,80},[^<>⟨⟩\\]{1,80}?)\s?(?:\\rangle|[⟩〉>])$")  # a vector
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


def items(text: str) -> tuple[list[str], str]:
    """(items, opening bracket or ""). One item where the text is no enumeration."""
    text = text.replace("\\left", "").replace("\\right", "").replace("\\{", "{").replace("\\}", "}").strip()
    text = _ANGLED.sub(lambda m: f"({m[1]})", text)
    text = _NOTE.sub("", MEMBER.sub("", text))
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
    entries: list[str] = []
    for piece in pieces:
        entries.extend(p for p in _CONJUNCTION.split(piece))
    if len(entries) > 1:
        entries = [_VALUE.sub("", entry) for entry in entries]
    cleaned = [re.sub(r"^(?:and|or) ", "", item.strip(" '\"")) for item in entries]
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
    """The two values of ±a, x = ±a and a ± √b; None for any other text."""
    if match := _PLUS_MINUS.fullmatch(text):
        return [match[1].strip(), f"-({match[1].strip()})"]
    signs = _SIGNS.findall(text)
    if len(signs) != 1 or len(text) > 120 or not _ROOT_BEHIND.search(text[text.index(signs[0]) :]) or "," in text:
        return None
    rest = _NAMED.sub("", text)
    return [rest.replace(signs[0], sign) for sign in "+-"] if "=" not in rest else None


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


def joined_by_word(text: str) -> bool:
    """Whether "and", "和" or the like joins the parts."""
    return bool(_CONJUNCTION.search(text))


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
