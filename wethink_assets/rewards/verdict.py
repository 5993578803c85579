"""What a rule may say about a reply, and the ways in which replies state an answer.

Belongs here: the verdicts, hedges, negations, lead-ins. Does not belong here: any rule of one answer type (rule_*.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from wethink_assets.rewards.normalise import clean, without_lead_in
from wethink_assets.rewards.remembered import Remembered


class Verdict(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSEABLE = "unparseable"
    HEDGED = "hedged"
    ERROR = "error"
    TIMEOUT = "timeout"


_HEDGE = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|probably|might|either|not sure|unsure|uncertain|cannot determine"
    r"|could be)\b|或|也许|可能|不确定|大概",
    re.IGNORECASE,
)
HEDGE = Remembered(_HEDGE)
_NEGATION = re.compile(
    r"\b(?:not|never|neither|nor|cannot|without|no|rather than|instead of)\b|n't\b|不|没|非|而非|别", re.IGNORECASE
)
NEGATION = Remembered(_NEGATION)
# "5 is wrong", "anything but 5": the number that stands there is denied, not given.
_DENIED = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|mistaken|(?:any|every)thing but|all but|except|excluding"
    r"|other than|unlike)\b|≠|!=|\\ne(?:q)?\b|错|除了|以外",
    re.IGNORECASE,
)
DENIED = Remembered(_DENIED)
_TAIL = re.compile(
    r"(?:(?<![<>!≠≤≥])=|≈|\\approx|(?<!\d):|:(?!\d)|\b(?:is|are|was|were|equals?|be|says|reads|shows)\b"
    r"|\b(?:simplif|reduc|factor|expand|evaluat)(?:y|e|ies|es|s|ises|izes|ed)?\s(?:to|into|as)\b"
    r"|写着|写的是|应为|等于|为|是)\s*",
    re.IGNORECASE,
)
# A number is not given where what touches it makes another of it: "half of 5", "5 squared", "before 1990".
CHANGED_BEFORE = re.compile(
    r"(?:\b(?:almost|nearly|barely|not quite|just (?:under|over|below|above)"
    r"|half(?: of)?|twice|thrice|double|triple|before|after|until|till|since|prior to|every"
    r"|each|(?:root|square|cube) of|(?:third|quarter|fifth|tenth|percent|multiple) of"
    r"|times)|%\s?of|公元前)\s?(?:(?:the|a|year|about|of)\s){0,2}[$€£¥]?$",
    re.IGNORECASE,
)
CHANGED_AFTER = re.compile(
    r"\s?(?:squared|cubed|times|minus|plus|percent of|%\s?of|-?fold|bce?|b\.c"
    r"|的?(?:(?:平方|立方)(?![米厘毫分公千码英])|一半|[一两二三四五六七八九十]?倍|年代)|[多余几]"
    r"(?=$|[个只人])|(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?)\s(?:ago|later|earlier)|年?"
    r"(?:之前|之后|以前|以后))(?![A-Za-z])",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<!\\)[,;.](?!\d)|\band\b|和|而", re.IGNORECASE)
_THE_ANSWER = re.compile(
    r"(?:\b(?:answer|result|total|so|thus|therefore|hence)\b.{0,30}|答案.{0,6}|所以.{0,6})$", re.IGNORECASE
)
_NAMED = re.compile(r"\b(?:answer|result) (?:is|was|should be|would be|=)|答案(?:是|为|:)", re.IGNORECASE)
_UNKNOWN = re.compile(
    r"(?:do not|don't|cannot|can't|not) (?:know|sure|say|tell|determine|enough|be determined)|\bnot sure\b"
    r"|\bunknown\b|\bunclear\b"
    r"|\bno (?:idea|answer|clue)\b|\bit depends\b|不知道|不确定|无法确定|不清楚|不好说|看不清",
    re.IGNORECASE,
)
UNKNOWN = Remembered(_UNKNOWN)


# "at least 7" and "7+" bound a number and do not give it.
_BOUND = re.compile(
    r"(?:(?<!\\)\b(?:(?:more|less|fewer|greater|higher|lower|larger|smaller|bigger) than|at (?:least|most)"
    r"|up to|over|under|above|below|exceed(?:s|ing)?)"
    r"|[<>≤≥≠]=?|\\(?:leq?|geq?|lt|gt|neq?)\b|±|\\pm\b|大于|小于|多于|少于|至少|至多|最多|最少|超过|不足|不到)\s?[-+$€£¥]?\s?\w"
    r"|\d\s*(?:\+|\\pm|±|以上|以下)",
    re.IGNORECASE,
)
BOUND = Remembered(_BOUND)
_OR = re.compile(r"\bor\b|或", re.IGNORECASE)


def offers_several(text: str) -> bool:
    """Whether a reply leaves a choice open. "x = 1 or x = -1" states both solutions of one equation and does not."""
    return bool(_OR.search(text)) and "=" not in text


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
    several = before is not None and (
        _BREAK.search(text[before.end() : last.start()]) or before[0].strip() == last[0].strip() == ":"
    )
    # two answers named, "the answer is 5. The answer is 6", are none
    if len(_NAMED.findall(text)) > 1:
        return
    if not several or _THE_ANSWER.search(text[: last.end()]):
        yield clean(text[last.end() :])
