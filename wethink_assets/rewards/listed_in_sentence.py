"""A sentence that lists the items and says nothing else: "The kitchen has an oven and a dishwasher."

Belongs here: telling that the items stand together in a sentence of the question's words and the frame's. Does not
belong here: finding them (item_spans.py), labels (labelled_in_order.py), comparing items (rule_several.py).

Only the gold's own items are looked for, so that a word which is neither theirs, the question's nor the frame's, as a
further item is, leaves the reply unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from wethink_assets.rewards import asked_words, item_spans
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

_BETWEEN = re.compile(
    r"(?:\s?[,;&+/]\s?|\s)(?:(?:and|as well as|along with|together with|plus|also|then|followed by|&|the|an?|in|at"
    r"|on|one|two|some|points?|both)\s){0,4}",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(r"(\s[^,;.]{1,60}?),? (?:followed by|then|and then) ", re.IGNORECASE)
_JOINS = re.compile(r"[,;&+/]|\b(?:and|as well as|along with|together with|plus|followed by)\b", re.IGNORECASE)
_MORE_BEFORE = re.compile(r"(?:[,&+/]|\b(?:and|or|plus|like|including|besides))\s?(?:(?:the|an?)\s)?$", re.IGNORECASE)
_MORE_AFTER = re.compile(r"\s?[,;]?\s?(?:(?:and|or|plus|as well|also|too|etc)\b|[&+/])", re.IGNORECASE)
_SAYS = re.compile(r"[^\W\d_]{2}")
_OPENS, _CLOSES = re.compile(r"[(\[{<-]\s?$"), re.compile(r"\s?[)\]}>-]")
_SHORT_TAIL = re.compile(r"\s?[,;]\s?(?:[\w'-]+(?:\s[\w'-]+)?)?\s?[.!]?$")
_FROM_TO = re.compile(r"\bfrom (?:the )?([a-z]{3,12}) to (?:the )?([a-z]{3,12})\b", re.IGNORECASE)
_RANKS = frozenset("highest lowest largest smallest tallest shortest first last oldest youngest best worst".split())


def of(items: Sequence[str], text: str, asked: Sequence[str], *, ordered: bool) -> Iterator[str]:
    """The items as a plain list, in the order of the reply, where its sentence gives them and nothing else."""
    if any(p.search(text) for p in (NEGATION, DENIED, HEDGE)) or "?" in text:
        return
    spans = item_spans.find(items, text)
    if spans is None or item_spans.names_them(items, asked) or (ordered and sorted(spans) != spans):
        return
    spans = sorted(spans)
    gaps = [text[a[1] : b[0]] for a, b in pairwise(spans)]
    before, after = text[: spans[0][0]], text[spans[-1][1] :]
    if ordered and (match := _FOLLOWED.fullmatch(gaps[0])):
        gaps[0], before = " followed by ", f"{before} {match[1]}"
    if not all(map(_BETWEEN.fullmatch, gaps)) or not any(map(_JOINS.search, gaps)):
        return
    if not _SAYS.search(before + after) or _OPENS.search(before) or _CLOSES.match(after):
        return
    if _MORE_BEFORE.search(before) or _MORE_AFTER.match(after) or _SHORT_TAIL.fullmatch(after):
        return
    if not (item_spans.is_accounted(before, asked) and item_spans.is_accounted(after, asked)):
        return
    if asked_words.of_another(text, asked) or (ordered and not _as_asked(f"{before} {after}", asked)):
        return
    yield ", ".join(text[start:end] for start, end in spans)


def _as_asked(said: str, asked: Sequence[str]) -> bool:
    """Whether the ranks that a sentence names are those with which the question begins, in its order."""
    ranks = [w for w in item_spans.words_of(said) if w in _RANKS or w in ("ascending", "descending")]
    wanted = [w for w in asked if w in _RANKS or w in ("ascending", "descending")]
    if (match := _FROM_TO.search(said)) and all(w.casefold() in asked for w in match.groups()):
        first, last = (asked.index(w.casefold()) for w in match.groups())
        if first > last:
            return False
    return ranks == wanted[: len(ranks)]
