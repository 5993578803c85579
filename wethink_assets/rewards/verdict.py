"""What a rule may say about a reply, and the ways in which replies state an answer.

Belongs here: the verdicts, hedges, negations, lead-ins. Does not belong here: any rule of one answer type (rule_*.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from wethink_assets.rewards.normalise import clean, without_lead_in


class Verdict(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSEABLE = "unparseable"
    HEDGED = "hedged"
    ERROR = "error"
    TIMEOUT = "timeout"


HEDGE = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|probably|might|either|not sure|unsure|uncertain|cannot determine|could be)\b|或|也许|可能|不确定|大概",
    re.IGNORECASE,
)
NEGATION = re.compile(
    r"\b(?:not|never|neither|nor|cannot|without|no|rather than|instead of)\b|n't\b|不|没|非|而非|别", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?:=|≈|\\approx|(?<!\d):|:(?!\d)|\b(?:is|are|was|were|equals?|be|says|reads|shows)\b|应为|等于|为|是)\s*",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[,;.](?!\d)|\band\b|和|而", re.IGNORECASE)
_THE_ANSWER = re.compile(
    r"(?:\b(?:answer|result|total|so|thus|therefore|hence)\b.{0,30}|答案.{0,6}|所以.{0,6})$", re.IGNORECASE
)
UNKNOWN = re.compile(
    r"(?:i )?(?:do not|don't|cannot|can't|not) (?:know|sure|say|tell|determine|enough)|\bnot sure\b|\bunknown\b|\bunclear\b|不知道|不确定|无法确定|不清楚",
    re.IGNORECASE,
)


def readings(text: str) -> Iterator[str]:
    """The reply, without its lead-in, and what follows its last "=" or "is": each a way to state the answer."""
    yield text
    rest = without_lead_in(text)
    if rest != text:
        yield rest
    if NEGATION.search(text) or HEDGE.search(text):
        return
    last = before = None
    for match in _TAIL.finditer(text):
        last, before = match, last
    if last is None or not 0 < last.end() < len(text):
        return
    # "a = 3, b = 4" states two things, of which neither is the answer unless it says so
    several = before is not None and _BREAK.search(text[before.end() : last.start()])
    if not several or _THE_ANSWER.search(text[: last.end()]):
        yield clean(text[last.end() :])
