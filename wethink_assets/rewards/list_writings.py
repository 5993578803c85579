"""Lists in other writings: "120 | 340 | 95", "10 × 6 × 4", "pins 4 and 8", "5i - j", points for intercepts.

Belongs here: taking such a text apart into the items of a plain list. Does not belong here: separators of any list
(lists.py), labels that the question names (labelled.py), comparing items (rule_several.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import asked_words, lists
from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION

MAX_CHARS = 200
_NUMBER = r"-?\d{1,9}(?:\.\d{1,6})?"
_BARS = re.compile(r"[^|]{1,30}(?:\s\|\s[^|]{1,30}){1,20}")
_SLASHES = re.compile(r"[^/]{1,30}(?:\s/\s[^/]{1,30}){1,20}")
_YEARS = re.compile(r"\d{4}(?:/\d{4}){1,9}")
_TIMES = re.compile(rf"{_NUMBER}(?:\s?[*x]\s?{_NUMBER}|\sby\s{_NUMBER}){{1,3}}")
_PLUSES = re.compile(r"[^\W\d_]{2,20}(?:\s\+\s[^\W\d_]{2,20}){1,9}")
_PARALLEL = re.compile(r"\w{1,8}(?:\s?(?:∥|\|\|)\s?\w{1,8}){1,5}")
_ROW = re.compile(rf"\[\s?({_NUMBER}(?:\s(?:\|\s)?{_NUMBER}){{1,12}})\s?\]")
_VECTOR = re.compile(r"(-?\d{0,6})\s?\*?i\s?([+-])\s?(\d{0,6})\s?\*?j(?:\s?([+-])\s?(\d{0,6})\s?\*?k)?")
_MAPPED = re.compile(r"[A-Z]\s?(?:\([^()]{1,40}\))?\s?(?:→|->|\\to|maps to)\s?[A-Z]'{1,2}\s?(\([^()]{1,40}\))")
_PRIMED = re.compile(r"(?:[A-Z]'{1,2}|rgb|RGB)\s?(?=\()")
_ON_AXIS = re.compile(rf"\(\s?({_NUMBER})\s?,\s?({_NUMBER})\s?\)")
_LABELLED = re.compile(r"([A-Za-z]{2,12})\s(?=\d|[A-Z]\b)")
_SHARE = re.compile(r"^\d{1,3}(?:\.\d{1,3})?\s?%\s")
_REMARK = re.compile(r"(?<=\w)\s\([-$€£]?\d[\d.,]{0,12}\s?[%A-Za-z°/]{0,10}\)$")
_GREEK_INDEX = re.compile(r"^(?:[α-ωA-Za-z]|\\[a-z]{2,7})(?:_\{?\d\}?|\d)\s?=\s?")
_NUMERIC = re.compile(_NUMBER)
_NAMES_OF_NUMBERS = frozenset(
    "angle chapter gate gear lamp lane line no number page pin platform point question resistor room route row step "
    "switch table track".split()
)


def listings(text: str, asked: Sequence[str], gold: Sequence[str]) -> Iterator[list[str]]:
    """The items of a whole reply in each writing that it may be in; nothing of one that denies or doubts."""
    if len(text) > MAX_CHARS or any(p.search(text) for p in (NEGATION, DENIED, HEDGE)):
        return
    text = text.strip(" .!")
    numeric = all(map(_NUMERIC.fullmatch, gold))
    for pattern, separator in _SEPARATED:
        if pattern.fullmatch(text):
            yield [piece.strip() for piece in separator.split(text)]
    if numeric and (on_axis := _intercepts(text, asked)):
        yield on_axis
    if not BOUND.search(text):
        yield from _without_labels(lists.items(text)[0], asked, gold)


def in_order(text: str) -> list[str] | None:
    """The items of a writing whose order says which is which, whatever the gold: a size, a row, a vector, a point."""
    if len(text) > MAX_CHARS:
        return None
    text = text.replace("\\times", "*")
    if _TIMES.fullmatch(text):
        return [piece.strip() for piece in re.split(r"[*x]|\sby\s", text)]
    if match := _ROW.fullmatch(text):
        return _NUMERIC.findall(match[1])
    if match := _VECTOR.fullmatch(text):
        return _components(match)
    if match := _MAPPED.fullmatch(text):
        return lists.items(match[1])[0]
    return lists.items(text[match.end() :])[0] if (match := _PRIMED.match(text)) else None


_SEPARATED = (
    (_BARS, re.compile(r"\s\|\s")),
    (_SLASHES, re.compile(r"\s/\s")),
    (_YEARS, re.compile("/")),
    (_PLUSES, re.compile(r"\s\+\s")),
    (_PARALLEL, re.compile(r"∥|\|\|")),
)


def _components(match: re.Match[str]) -> list[str]:
    """5i - j as 5, -1."""
    first = match[1] + "1" if match[1] in ("", "-") else match[1]
    rest = [(match[2], match[3])] + ([(match[4], match[5])] if match[4] else [])
    return [first, *(f"{'-' if sign == '-' else ''}{size or '1'}" for sign, size in rest)]


def _intercepts(text: str, asked: Sequence[str]) -> list[str] | None:
    """The numbers of the points on one axis, where the question asks for its intercepts."""
    points = _ON_AXIS.findall(text)
    if not points or {"intercepts", "intercept", "zeros", "roots"}.isdisjoint(asked):
        return None
    if _ON_AXIS.sub("", text).replace("and", "").strip(" ,;.") or ("y" in asked and "x" in asked):
        return None
    place = 1 if "y" in asked else 0
    return [point[place] for point in points] if all(point[1 - place] == "0" for point in points) else None


def _without_labels(items: list[str], asked: Sequence[str], gold: Sequence[str]) -> Iterator[list[str]]:
    """Items without the one noun that names them all, a share before them, a value behind them, or an index."""
    if len(items) < 2:
        return
    said = [match[1] if (match := _LABELLED.match(item)) else "" for item in items]
    named = {asked_words.stem(word.casefold()) for word in said if word}
    known = {asked_words.stem(word) for word in (*asked, *_NAMES_OF_NUMBERS)}
    own = {word for item in gold for word in item.casefold().split()}
    if len(named) == 1 and named <= known and said[0] and (all(said) or not any(said[1:])):
        bare = [_LABELLED.sub("", item, count=1) if word else item for item, word in zip(items, said, strict=True)]
        if not any(asked_words.stem(word) in named for word in own):
            yield bare
    shared = {item.split(" ")[0].casefold() for item in gold}
    if len(shared) == 1 and all(item.count(" ") == 1 for item in gold) and said[0] and not any(said[1:]):
        noun = next(iter(shared))
        if named == {asked_words.stem(noun)}:
            yield [f"{noun} {_LABELLED.sub('', item, count=1)}" for item in items]
    if all(map(_SHARE.match, items)) and not any(any(map(str.isdigit, item)) for item in gold):
        yield [_SHARE.sub("", item) for item in items]
    if all(map(_REMARK.search, items)):
        yield [_REMARK.sub("", item) for item in items]
    if all(map(_GREEK_INDEX.match, items)):
        yield [_GREEK_INDEX.sub("", item) for item in items]
