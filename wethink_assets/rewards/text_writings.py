"""Words asked for in other sentences: a clause for each thing, a place with "right", a name by its initial, a trend.

Belongs here: parting such a reply into what answers the question and what does not. Does not belong here: which words
may stand around an answer (text_prose.py), quoted texts and codes (read_texts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import asked_words, trends
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

MAX_CHARS = 240
_CLAUSES = re.compile(r",?\s(?:and|while|whereas|but)\s|[;,]\s", re.IGNORECASE)
_STATES = re.compile(
    r"^(?:the|an?|its|his|her)\s[^,;.]{2,60}?\s(?:is|are|shows?|represents?|means?|stands for|marks?)\s[^,;.]{1,60}",
    re.IGNORECASE,
)
_RIGHT_THERE = re.compile(
    r"\b(?:right|just|directly)\s(?=(?:behind|in front|next|beside|above|below|under|between|on|at|in|by|near)\b)",
    re.IGNORECASE,
)
_OF = re.compile(r"\s(?:of|in|on|for|at|after|before|from|since|by)\s(?:the\s)?[^,;.]{2,60}$", re.IGNORECASE)
_ONE = re.compile(r"^(?:it is |it's )?(?:the )([a-z]{3,20}(?: [a-z]{3,20})?) ones?", re.IGNORECASE)
_INITIAL = re.compile(r"^([A-Z])\.?\s([A-Z][\w'-]{2,20})")
_FULL_NAME = re.compile(r"^([A-Z][\w'-]{1,20})\s(?:[A-Z]\.?\s)?([A-Z][\w'-]{2,20})")
_NUMBER = re.compile(r"\d")


def of(raw: str, text: str, asked: Sequence[str]) -> Iterator[str]:
    """What the reply says of what was asked, in each way in which it may be parted."""
    if len(text) > MAX_CHARS or any(p.search(text) for p in (NEGATION, DENIED, HEDGE)):
        return
    clauses = [clause.strip(" .") for clause in _CLAUSES.split(text)]
    if 1 < len(clauses) < 5 and all(map(_STATES.fullmatch, clauses)):
        wanted = asked_words.content(tuple(asked))
        said = [wanted & asked_words.of_text(clause) for clause in clauses]
        if best := [i for i, own in enumerate(said) if all(other < own for j, other in enumerate(said) if j != i)]:
            yield clauses[best[0]]
    if match := _ONE.fullmatch(text):
        yield match[1]
    if (name := _INITIAL.fullmatch(text)) and (full := _FULL_NAME.fullmatch(clean(raw))) and "who" in asked:
        yield clean(raw) if (full[1][0], full[2]) == (name[1], name[2]) else ""
    if (trend := trends.of(clean(raw))) is not None and trends.of(text, asked) is trend:
        yield clean(raw)
    if (there := _RIGHT_THERE.sub("", text)) != text:
        yield there
    if (match := _OF.search(text)) and not _NUMBER.search(match[0]):
        known = {asked_words.stem(w) for w in asked}
        words = [w.casefold() for w in re.findall(r"[A-Za-z]{2,}", match[0])]
        if all(asked_words.stem(w) in known or asked_words.is_empty(w) for w in words):
            yield text[: match.start()]
    gold = clean(raw)
    if ", " in gold and " and " not in gold and " and " in text:
        yield text.replace(" and ", ", ")
