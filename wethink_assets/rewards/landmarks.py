"""Landmarks: things that a sentence names only to say where, when or beside what another is, "next to the liver".

Belongs here: the words of place and order before a thing, and questions that ask for the landmark itself. Does not
belong here: affirming and denying (statements.py), clauses about another thing than the question (asked_words.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards import asked_words

Span = tuple[int, int]
_PLACE = (
    r"(?:next to|near|nearby|beside|behind|below|beneath|underneath|under|above|between|opposite|alongside|inside"
    r"|outside|beyond|across from|(?:adjacent|close|closer|connected|attached|linked|joined|parallel|similar) to"
    r"|(?:far|away|different|distinct|separated?|apart) from|in front of|on top of|ahead of|along with|together with"
    r"|(?:left|right|north|south|east|west|front|back|northwest|northeast|southwest|southeast)(?: side)? of"
    r"|surrounded by|followed by|before|after)"
)
_BEFORE = re.compile(
    rf"\b{_PLACE}\s(?:(?:the|an?|its|his|her|their|both|option|city|year)\s){{0,2}}(?:[a-z]{{3,12}}\s)?$", re.IGNORECASE
)
_IS_PLACED = re.compile(
    rf"\s(?:is|are|was|were|lies|lie|sits|stands|comes|touches)\s(?:\w{{2,12}}\s){{0,2}}?(?:(?:to|on|at|in)\s(?:the\s)?)?{_PLACE}\b",
    re.IGNORECASE,
)
_WORDS = frozenset(
    "next near beside behind below beneath underneath under above between opposite inside outside adjacent close "
    "closest front left right north south east west before after ahead to of on in at from with by".split()
)
_ROUND_IT = frozenset("in the a this picture image photo figure diagram map scene graph chart on shown".split())
_JOINED = re.compile(r"\s?(?:,|and|or|,\sand)\s(?:the\s|an?\s)?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)")


def asks_for_one(asked: Sequence[str]) -> bool:
    """Whether the answer stands behind a word of place: "Where is the cat?", "What is the cat next to?"."""
    if "where" in asked:
        return True
    rest = list(asked)
    while rest and rest[-1] in _ROUND_IT and rest[-1] not in _WORDS:
        rest.pop()
    while rest and rest[-1] in ("in", "on") and len(rest) < len(asked):
        rest.pop()
    return bool(rest) and rest[-1] in _WORDS


def among(text: str, spans: Sequence[Span], asked: Sequence[str]) -> list[bool]:
    """Which of the mentions are landmarks, or only said to be at one; none where the question asks for that."""
    found = [False] * len(spans)
    if asks_for_one(asked):
        return found
    wanted = {w for w in asked_words.content(tuple(asked)) if len(w) > 1}
    for i, (start, end) in enumerate(spans):
        found[i] = _BEFORE.search(text[max(0, start - 60) : start]) is not None or (
            i > 0 and found[i - 1] and _JOINED.fullmatch(text[spans[i - 1][1] : start]) is not None
        )
        if not found[i] and _IS_PLACED.match(text, end):
            rest = _SENTENCE_END.split(text[end:], maxsplit=1)[0]
            found[i] = wanted.isdisjoint(asked_words.of_text(rest)) and _WORDS.isdisjoint(asked)
    return found
