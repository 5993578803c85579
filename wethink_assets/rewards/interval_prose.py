r"""Intervals in other writings and in a sentence: set-builder notation, ]a, b[, "from 0 to 5 inclusive", "f(x) ≤ 4".

Belongs here: turning such a text into one that intervals.py reads. Does not belong here: reading it (intervals.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal

from wethink_assets.rewards import latex_text
from wethink_assets.rewards.intervals import bracketed_interval, parse_interval
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.statements import Stance, stances

MAX_CHARS = 400
_BUILDER = re.compile(
    r"(?:the set of (?:all )?)?\\?\{\s?([A-Za-z])\s?(?:(?:∈|\\in)\s?(?:ℝ|R|\\mathbb\s?\{?R\}?"
    r"|\\R)\s?)?(?:\||:|∣|\\mid|\\vert|such that)\s?"
    r"([^{}|]{3,80}?)\s?(?:,\s?[A-Za-z]\s?(?:∈|\\in)\s?(?:ℝ|R|\\mathbb\s?\{?R\}?))?\\?\}"
)
_FRENCH = re.compile(r"\](\s?[^][,;()]{1,40}[,;][^][,;()]{1,40})\[")
_HALF_FRENCH = re.compile(
    r"^\](\s?[^][,;()]{1,40}[,;][^][,;()]{1,40})\]$|^\[(\s?[^][,;()]{1,40}[,;][^][,;()]{1,40})\[$"
)
_FUNCTION = re.compile(r"\b[a-z]\((?:[a-z])\)\s?(?=[<>≤≥]|\\[gl]e)|(?<=[<>≤≥])\s?[a-z]\([a-z]\)")
_MEMBER = re.compile(
    r"^(?:for )?(?:all )?[A-Za-z]\s?(?:∈|\\in(?![a-z])|in|is in|belongs to)\s?(?:the interval\s)?(?=[\[(\]\\])"
)
_NUMBER = r"-?\d{1,12}(?:\.\d{1,9})?"
_INCLUSIVE = re.compile(
    rf"(?:from |between )?({_NUMBER})\s?(?:to|and|through"
    rf"|-)\s?({_NUMBER})[,\s]{{0,2}}\(?(?:both (?:ends )?)?(inclusive|included|exclusive|excluded)\b"
)
_WORDED = (
    (re.compile(r"\s?(?:is |are )?(?:greater|more|larger|bigger) than or equal to\s?"), " ≥ "),
    (re.compile(r"\s?(?:is |are )?(?:less|smaller|lower) than or equal to\s?"), " ≤ "),
    (
        re.compile(r"\s?(?:is |are |being )?(?:at most|no (?:more|greater|larger) than|not (?:more|greater) than)\s?"),
        " ≤ ",
    ),
    (re.compile(r"\s?(?:is |are )(?:less|smaller|lower) than\s?|(?<=and) (?:less|smaller|lower) than\s?"), " < "),
    (re.compile(r"\s?(?:is |are )(?:more|greater|larger|higher) than\s?|(?<=and) (?:more|greater) than\s?"), " > "),
    (re.compile(r"\s?(?:is |are |being )?(?:at least|no (?:less|smaller) than|not (?:less|smaller) than)\s?"), " ≥ "),
)
_NAMED_ENDS = re.compile(rf"(?:from|between)\s[a-z]\s?=\s?({_NUMBER})\s(?:to|and)\s[a-z]\s?=\s?({_NUMBER})")
_BOTH_ENDS = re.compile(rf"\b([A-Za-z])\s?([≥>])\s?({_NUMBER})\s(?:and|but)\s(?:is\s)?([≤<])\s?({_NUMBER})")
_END_BY_END = re.compile(
    rf"(?:from\s|between\s)?({_NUMBER})\s\((inclusive|included|exclusive|excluded)\)\s(?:to|and)\s({_NUMBER})"
    r"\s\((inclusive|included|exclusive|excluded)\)"
)
_PIECE = re.compile(
    r"\\?left\s?[\[(][^][()]{1,60}\\?right\s?[\])]|[\[(](?:[^][(),;]{1,40})[,;](?:[^][(),;]{1,40})[\])]"
    rf"|(?:[-+]?[A-Za-z\d.√π/∞]{{1,12}}\s?(?:<=|>=|[<>≤≥])\s?)?[A-Za-z]\s?(?:<=|>=|[<>≤≥])\s?[-+]?[A-Za-z\d.√π/∞]{{1,12}}"
    rf"|(?:from|between)\s{_NUMBER}\s(?:to|and)\s{_NUMBER}|(?<![\d.-]){_NUMBER}\s?(?:-|–|to)\s?{_NUMBER}(?![\d-])"
)
_SLANTED = re.compile(r"\\(g|l)eqslant(?![a-z])")
_MORE_AND_LESS = re.compile(
    rf"^(?:more|greater|larger|longer) than ({_NUMBER}) (?:but|and) (?:less|smaller|fewer|shorter) than ({_NUMBER})$"
)
_ALL_NUMBERS = re.compile(
    r"^all (?:real )?(?:numbers|values|reals)(?: of [a-z])? (?=greater|less|larger|smaller|at|more|≥|≤|<|>)",
    re.IGNORECASE,
)
_OPPOSITE_HAN = {"increas": "递减", "decreas": "递增", "domain": "值域", "range": "定义域"}
_OPPOSITE = {"increas": "decreas", "decreas": "increas", "domain": "range", "range": "domain"}


def rewritten(text: str) -> str:
    """The text with set-builder notation, outward brackets and a function's name as plain "
    "inequalities and intervals."""
    if len(text) > MAX_CHARS:
        return text
    text = _SLANTED.sub(r"\\\1e ", latex_text.without_dollars(text))
    text = _MORE_AND_LESS.sub(r"x > \1 and x < \2", _ALL_NUMBERS.sub("x ", text))
    if "{" in text:
        text = text.replace("\\left", "").replace("\\right", "")
        text = _BUILDER.sub(lambda m: m[2].strip() if m[1] in m[2] else m[0], text)
    if "]" in text or "[" in text:
        text = _FRENCH.sub(r"(\1)", text)
        text = _HALF_FRENCH.sub(lambda m: f"({m[1]}]" if m[1] else f"[{m[2]})", text)
    text = _MEMBER.sub("", _FUNCTION.sub("y ", text).strip())
    for pattern, sign in _WORDED:
        text = pattern.sub(sign, text)
    text = _AROUND.sub(_spread, _UNTIL.sub(r"\1 to \2", text))
    text = _NAMED_ENDS.sub(r"from \1 to \2", text)
    text = _BOTH_ENDS.sub(r"\1 \2 \3 and \1 \4 \5", text)
    text = _END_BY_END.sub(_ends, text)
    return _INCLUSIVE.sub(lambda m: f"[{m[1]}, {m[2]}]" if m[3][:3] == "inc" else f"({m[1]}, {m[2]})", text).strip()


_UNTIL = re.compile(r"(\d[\w.:]{0,12}) (?:until|till|up to|through) (?=\d)()")
_AROUND = re.compile(
    r"^(\d{1,9}(?:\.\d{1,6})?)\s?(?:±|\\pm(?![a-z])|\+/-)\s?(\d{1,9}(?:\.\d{1,6})?)(?=\s?[^\d\s]{0,12}$)"
)


def _spread(match: re.Match[str]) -> str:
    """The ends of 5 ± 0.1, exactly; it does not say whether they belong to it."""
    middle, half = Decimal(match[1]), Decimal(match[2])
    return f"{middle - half:f} to {middle + half:f}"


def _ends(match: re.Match[str]) -> str:
    return f"{'[('[match[2][:2] == 'ex']}{match[1]}, {match[3]}{'])'[match[4][:2] == 'ex']}"


def pieces(text: str, asked: Collection[str] = ()) -> Iterator[str]:
    """The one interval that a sentence gives, beside what it says of another thing; nothing where it gives several."""
    if len(text) > MAX_CHARS:
        return
    found = list(_PIECE.finditer(text))
    standing = stances(text, [(m.start(), m.end()) for m in found])
    if any(s is Stance.DENIED for s in standing):
        return
    kept = [
        m for m, s in zip(found, standing, strict=True) if s > Stance.OPEN and not of_another(text[: m.start()], asked)
    ]
    finals = [m for m, s in zip(found, standing, strict=True) if s is Stance.FINAL and m in kept]
    texts = {m[0].strip() for m in finals or kept}
    if len(texts) == 1 or len({_ends_of(text) for text in texts}) == 1:
        yield clean(min(texts, key=len))


def _ends_of(text: str) -> tuple[object, ...] | str:
    """The ends of an interval and whether each belongs to it; the text itself where it is none."""
    found = bracketed_interval(clean(text)) or parse_interval(clean(text))
    return text if found is None else tuple(end.replace("+", "") if isinstance(end, str) else end for end in found)


def of_another_in_chinese(text: str, asked: Collection[str]) -> bool:
    """Whether a reply says 递减 of where a function increases, or 值域 of its domain, wherever the word stands."""
    return any(
        other in text and _OPPOSITE_HAN[_OPPOSITE[term]] not in text
        for term, other in _OPPOSITE_HAN.items()
        if any(word.startswith(term) for word in asked)
    )


def of_another(before: str, asked: Collection[str]) -> bool:
    """Whether the nearest term before an interval is another than the one that was asked for: the range, the domain."""
    low = before.casefold()
    for word in asked:
        for term, other in _OPPOSITE.items():
            if word.startswith(term) and low.rfind(other) > low.rfind(term):
                return True
    return False
