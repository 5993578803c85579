"""Where the items of a gold list stand in a reply: each once, whole, in any case and number.

Belongs here: finding the items, and which other words a sentence around them may have. Does not belong here: what such
a sentence says of them (listed_in_sentence.py, labelled_in_order.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise

from wethink_assets.rewards import asked_words
from wethink_assets.rewards.units import singular

MAX_CHARS = 300
MAX_ITEMS = 8
Span = tuple[int, int]
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]{1,2})?|\d+(?:[.,]\d+)*")
_NUMBER = re.compile(r"[-+]?[\d.,/]{1,20}")
_FRAME = frozenset(
    "a an the there they these those it its here in on at of to for with by and also both all only just exactly are "
    "is was were be being been has have had includes include included contains contain contained shows show shown "
    "see seen visible present listed given i we can you following namely as one two three four five six seven eight "
    "item items answer answers final correct picture image photo figure diagram chart graph map table scene value "
    "values year years name names called use used using uses made make got get gets received receive does do did so "
    "thus therefore hence".split()
)
_UP = frozenset("more above over exceed exceeds exceeded exceeding greater higher larger bigger beyond".split())
_DOWN = frozenset("less fewer below under lower smaller beneath".split())


def find(items: Sequence[str], text: str) -> list[Span] | None:
    """The span of every item, in the items' order; None unless each stands in the text just once."""
    if not 1 < len(items) <= MAX_ITEMS or len(text) > MAX_CHARS or len(set(items)) < len(items):
        return None
    spans = []
    for item in items:
        written, flags = _written(item)
        found = [m.span() for m in re.finditer(written, text, flags)]
        if len(found) != 1:
            return None
        spans.append(found[0])
    in_order = sorted(spans)
    return None if any(a[1] > b[0] for a, b in pairwise(in_order)) else spans


@lru_cache(maxsize=2_048)
def _written(item: str) -> tuple[str, int]:
    """The expression that finds an item, and its flags."""
    words = r"\s?".join(map(re.escape, item.split())) if "(" in item else r"\s".join(map(re.escape, item.split()))
    if _NUMBER.fullmatch(item):
        return rf"(?<![\w.,/-]){words}(?![\w/]|[.,]\d)", 0
    if len(item) == 1:
        return rf"(?<![\w'-]){words}(?![\w'-])", 0
    if not item[-1:].isalpha():
        return rf"(?<!\w){words}(?!\w)", re.IGNORECASE
    stem = singular(item)
    last = re.escape(item[len(stem) :]) if item.startswith(stem) and item[len(stem) :] in ("s", "es") else "s|es"
    if item.startswith(stem):
        words = r"\s".join(map(re.escape, stem.split()))
    return rf"(?<![\w'-]){words}(?:{last})?(?![\w'-])", re.IGNORECASE


def names_them(items: Sequence[str], asked: Collection[str]) -> bool:
    """Whether the question has a word of the items: it may name others too, which would pass for its own words."""
    own = {asked_words.stem(w) for item in items for w in words_of(item)}
    return not own.isdisjoint(asked_words.stem(w) for w in asked)


def words_of(text: str) -> list[str]:
    return [m[0].casefold() for m in _WORD.finditer(text)]


def is_accounted(text: str, asked: Sequence[str]) -> bool:
    """Whether a part of a sentence has only words of the question and of the frame, and compares as the question."""
    known = {asked_words.stem(w) for w in asked}
    for word in words_of(text):
        if word in _UP or word in _DOWN:
            same, other = (_UP, _DOWN) if word in _UP else (_DOWN, _UP)
            if same.isdisjoint(asked) or not other.isdisjoint(asked):
                return False
        elif word[0].isdigit():
            if word not in asked:
                return False
        elif not (word in _FRAME or asked_words.stem(word) in known or asked_words.is_named(word, asked)):
            return False
    return True
