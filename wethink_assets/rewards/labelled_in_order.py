"""Values with the question's labels, in any order: "Q1: 120, Q2: 95", "The highest is Apple and the lowest is Pear."

Belongs here: which label goes with which item of the gold, before or behind it, and whether that is the question's
order. Does not belong here: finding the items (item_spans.py), plain lists (lists.py), counts of things (labelled.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards import asked_words, item_spans
from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION

_RANKS = frozenset(
    "first last second third fourth most least maximum minimum max min top bottom left right middle start end".split()
)
_LETTER_DIGIT = re.compile(r"(?<![^\W\d_])([^\W\d_])(\d)(?!\d)")
_MARKS = re.compile(r"[|:=*()\[\]\\$_{}-]+")
_HAN = re.compile("[\u4e00-\u9fff]")


def agrees(items: Sequence[str], text: str, asked: Sequence[str]) -> bool | None:
    """Whether each item has the label that its place asks for; None where the reply does not label each by one."""
    if len(asked) < 3 or any(p.search(text) for p in (NEGATION, DENIED, HEDGE, BOUND)) or _HAN.search(text):
        return None
    spans = item_spans.find(items, text)
    if spans is None or item_spans.names_them([i for i in items if i[:1].isalpha() and len(i) > 1], asked):
        return None
    places = sorted(range(len(spans)), key=lambda i: spans[i])
    parts = _between(text, [spans[i] for i in places])
    for labels, rest in ((parts[:-1], parts[-1]), (parts[1:], parts[0])):
        if (order := _order(labels, rest, asked)) is not None:
            return [places[i] for i in order] == list(range(len(items)))
    return None


def _between(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return [_MARKS.sub(" ", _LETTER_DIGIT.sub(r"\1 \2 ", text[a:b])) for a, b in zip(ends, starts, strict=True)]


def _order(labels: Sequence[str], rest: str, asked: Sequence[str]) -> list[int] | None:
    """Which label is named first in the question, second and so on; None where one is not its, or is unclear."""
    if not all(item_spans.is_accounted(part, asked) for part in (*labels, rest)):
        return None
    stems = [asked_words.stem(w) for w in asked]
    said = [list(dict.fromkeys(w for w in map(asked_words.stem, _words(part)) if w in stems)) for part in labels]
    own = [[w for w in words if sum(w in other for other in said) == 1] for words in said]
    spare = {asked_words.stem(w) for w in _words(rest)}
    for kind in (_is_mark, _is_rank, bool):
        named = [[w for w in words if kind(w)] for words in own]
        if not all(named):
            continue
        if kind is not bool and any(len(words) > 1 for words in named):
            return None
        chosen = [words[-1] for words in named]
        if not spare.isdisjoint(chosen):
            return None
        return sorted(range(len(chosen)), key=lambda i: stems.index(chosen[i]))
    return None


def _is_mark(word: str) -> bool:
    return len(word) == 1 or word.isdigit()


def _is_rank(word: str) -> bool:
    return word in _RANKS or word.endswith("est")


def _words(text: str) -> list[str]:
    """The words of a part that may be a label, plain."""
    return [w for w in item_spans.words_of(text) if not asked_words.is_empty(w) or len(w) == 1]
