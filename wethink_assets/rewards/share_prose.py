"""A percentage said of its whole in a sentence: "Housing takes 30 % of the budget.", "40 percent chose art".

Belongs here: which words may stand around a share. Does not belong here: "30 % of 80" as an amount, which is another
number (verdict.py), other sentences (number_prose.py).

Any word that neither the question has nor a share needs makes a share of another thing, and nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from wethink_assets.rewards import asked_words
from wethink_assets.rewards.scalars import Scalar, parse_scalar
from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION

MAX_CHARS = 160
_SHARE = re.compile(r"(?<![\d.,/-])(\d{1,3}(?:\.\d{1,4})?)\s?(?:%|percent\b|per cent\b)")
_OF = re.compile(r"\s?of\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_]+")
_AROUND = frozenset(
    "take makes make up account for go goes went spend spent use used receive received total overall whole entire all "
    "percent per cent about approximately roughly exactly around represent represents answer so thus therefore hence "
    "it they said is are was were has have had who that which comprise constitute by final".split()
)


def share(text: str, asked: Collection[str]) -> Scalar | None:
    """The percentage that a sentence states of its whole in the question's own words, else None."""
    found = list(_SHARE.finditer(text)) if len(text) <= MAX_CHARS else []
    if (
        len(found) != 1
        or not _OF.match(text, found[0].end())
        or any(p.search(text) for p in (NEGATION, DENIED, HEDGE, BOUND))
    ):
        return None
    rest = text[: found[0].start()] + " " + text[found[0].end() :]
    if any(number not in asked for number in _NUMBER.findall(rest)) or re.search(r"[-+*/=?]", rest):
        return None
    wanted = {asked_words.stem(w) for w in asked} | {asked_words.stem(w) for w in _AROUND}
    words = [m.casefold() for m in _WORD.findall(rest)]
    if any(not asked_words.is_empty(w) and asked_words.stem(w) not in wanted for w in words):
        return None
    if asked_words.of_another(text, tuple(asked)):
        return None
    return parse_scalar(f"{found[0][1]}%")
