"""Contrasts: a reply that sets its answer against another: "X, not Y", "not Y but X", "it may seem Y, but it is X".

Belongs here: parting such a reply into what it affirms and what it denies, in six languages. Does not belong here:
several mentions in a longer text (statements.py), judging either part (verifier.py).
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_CHARS = 240


class Contrast(NamedTuple):
    affirmed: str
    denied: str


_NOT_SO = (
    r"(?!(?:necessarily|only|just|sure|really|exactly|quite|always|yet|even|all|more|less|fewer|including|counting|far|to"
    r"|very|so|certain|certainly|definitely|entirely|clear|obvious|easy|visible|known|possible|any|every|each|both|if|because|nur|solo|seulement)\b)"
)
_BEHIND = re.compile(
    rf"^(.{{1,160}}?)(?:[,;]|\s[-–(])\s?(?:and\s|but\s|und\s|et\s|y\s|aber\s)?"
    rf"(?:not|nicht|pas)\s{_NOT_SO}(?:aber\s|(?:the|an?|in|at|on)\s)?([^,;!?]{{1,60}}?)[.!)]{{0,2}}",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"^(.{1,160}?)[,;]?\s(?:rather than|instead of)\s(?:the\s|an?\s)?([^,;!?]{1,60}?)[.!]?", re.IGNORECASE
)
_BEFORE = re.compile(
    rf"^(?:(?:it|this|that|he|she|es|das|er|ce|c)(?:'s|'est|\sis|\swas|\sist)?\s)?(?:not|nicht|no|pas|non|keine?)\s"
    rf"{_NOT_SO}([^,;]{{1,60}}?),?\s(?:but(?:\srather)?|sondern|sino|mais|ma)\s(?!also\b|auch\b|not\b)"
    r"((?:the\s)?.{1,120})",
    re.IGNORECASE,
)
_OPENING = re.compile(
    rf"^(?:it(?:'s| is) )?not {_NOT_SO}((?:the |an? )?[^,;.]{{1,40}})[;.,]\s(?!but\b)(.{{1,120}})", re.IGNORECASE
)
_SEEMS = re.compile(
    r"^(?:it|this|that|one) (?:may|might|could|can|does|first) (?:first )?(?:seem|look|appear|sound)s?(?: like"
    r"| to be| as)?"
    r"\s([^,;.]{1,60}?)[,;.]?\sbut\s((?:it|this|that|the|in|actually|really)\b.{1,120})",
    re.IGNORECASE,
)
_HAN_BEHIND = re.compile(r"^([^,;]{1,60}?)[,;]?\s?(?:而)?(?:不是|并非|而非)([^,;.是]{1,30})\.?")
_HAN_BEFORE = re.compile(r"^(?:这|它|他|她|答案)?(?:不是|并非)([^,;.]{1,30}?)[,;]?\s?(?:而)?是([^,;.]{1,60})\.?")
_EVIDENCE = re.compile(
    r"^(?:the|its|his|her|their|these|those)\s(?:[a-z]{2,20}\s){1,3}(?:shows?|indicates?|suggests?|means?|tells?\sus|proves?)\s"
    r"(?:that\s)?(?:it|this|that|he|she|they)(?:'s|'re|\sis|\sare|\swas)\s(.{1,80})",
    re.IGNORECASE,
)


def of(text: str) -> Contrast | None:
    """The two parts of a whole reply that is one contrast; None for any other text."""
    if len(text) > MAX_CHARS:
        return None
    for pattern, affirmed, denied in (
        (_BEFORE, 2, 1),
        (_SEEMS, 2, 1),
        (_OPENING, 2, 1),
        (_BEHIND, 1, 2),
        (_INSTEAD, 1, 2),
        (_HAN_BEFORE, 2, 1),
        (_HAN_BEHIND, 1, 2),
    ):
        if match := pattern.fullmatch(text):
            return Contrast(match[affirmed].strip(" ,"), match[denied].strip(" ,."))
    return None


def shown_by_evidence(text: str) -> str | None:
    """What "the rings show that it is Saturn" says; None for any other text."""
    match = _EVIDENCE.fullmatch(text) if len(text) <= MAX_CHARS else None
    return match[1] if match else None
