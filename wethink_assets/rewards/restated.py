"""A question said again as a statement, which affirms or denies it: "He is wearing glasses.", "It is not open."

Belongs here: telling that a sentence says what a yes-or-no question asks and nothing else. Does not belong here: words
of assent and denial (rule_yes_no.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards.units import singular

MAX_CHARS = 240
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?(?:n't\b|n’t\b)?")
_EMPTY = frozenset(
    "a an the it its is are was were be been do does did has have had he she they we this that these "
    "those there his her "
    "their in on at of to for as and by with picture image photo shown figure diagram chart can "
    "could will would should "
    "appears appear seems seem looks look one any some yes no so then indeed very".split()
)
_NOT = frozenset(
    "not no never isn't aren't wasn't doesn't don't didn't hasn't haven't can't cannot without none neither".split()
)
_SUBJECTS = frozenset("it he she they this that these those there".split())
_AUXILIARY = frozenset(
    "is are was were does do did has have can isn't aren't wasn't doesn't don't didn't hasn't can't".split()
)
_TURNS = re.compile(
    r"\b(?:if|unless|maybe|perhaps|might|may|or|almost|hardly|barely|partly|partially|only|too|less"
    r"|fewer|before|after|than it|but)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r"^[^,.;!?]{4,160}?(?=[.;!?]*$|[.;!?]\s|,?\s(?:because|since|as)\s)", re.IGNORECASE)


def polarity(text: str, asked: Sequence[str]) -> bool | None:
    """True where the sentence affirms what was asked, False where it denies it, None where it says anything else."""
    match = _FIRST.match(text) if len(text) <= MAX_CHARS else None
    if match is None or not asked or _TURNS.search(match[0]):
        return None
    words = [w[0].casefold().replace("’", "'") for w in _WORD.finditer(match[0])]
    denials = sum(w in _NOT for w in words)
    if denials > 1 or not any(w in _AUXILIARY or _stem(w) in map(_stem, asked) for w in words):
        return None
    said = [_stem(w) for w in words if w not in _EMPTY and w not in _NOT]
    wanted = [_stem(w) for w in asked if w not in _EMPTY]
    if not said or not wanted or asked[0] not in _AUXILIARY | {"will", "would", "should", "could"}:
        return None
    if not set(said) <= set(wanted) or len(set(said)) * 2 < len(set(wanted)):
        return None
    if len(set(said)) < len(set(wanted)) and not (words[0] in _SUBJECTS and wanted[-1] == said[-1]):
        return None
    first = {w: said.index(w) for w in reversed(said)}
    ordered = [w for w in dict.fromkeys(wanted) if w in first and (w[0].isdigit() or len(w) == 1)]
    if [w for w in dict.fromkeys(said) if w in ordered] != ordered:
        return None  # "2014 is higher than 2015" is no "2015 is higher than 2014"
    if not any(w[0].isdigit() for w in ordered) and not _in_order(
        list(dict.fromkeys(said)), list(dict.fromkeys(wanted))
    ):
        return None
    return denials == 0


def _in_order(said: list[str], wanted: list[str]) -> bool:
    return said == [w for w in wanted if w in said]


def _stem(word: str) -> str:
    word = singular(word)
    for end in ("ing", "ed", "s"):
        if len(word) > len(end) + 3 and word.endswith(end):
            return word[: -len(end)]
    return word
