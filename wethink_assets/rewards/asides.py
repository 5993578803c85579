"""Asides of a reply (subordinate clauses and sentences about something else), in which a hedge doubts no answer.

Belongs here: what may stand beside an asserted answer and be uncertain: "a red mug, which may be full of coffee",
"B. The bus might be stopped at a light", "Assuming the angle is right, AB = 12 cm". Does not belong here: the hedges
themselves (doubts.py).
"""

from __future__ import annotations

import re

MAX_CHARS = 400
_TAIL = re.compile(
    r",\s(?:which|who)\s(?:may|might|could)\s(?:be\s|have\s)?+(?!well|wrong|incorrect|off|inaccurate|mistaken|false|a\sguess|not|rounded|also)"
    r"(?![^.;!?]{0,80}\d)[^,.;!?]{0,80}(?=[,.;!?]|$)"
    r"|,\s(?:possibly|perhaps|maybe|probably)\s(?:with|in|on|from|because|due|at|near)\s(?![^,.;!?]{0,80}\d)[^,.;!?]{0,80}(?=[,.;!?]|$)"
    r"|\b(?:that|which|who)\s(?:may|might|could)\sbe\s(?:described|seen|considered|called|regarded)(?=\sas\b)",
    re.IGNORECASE,
)
# Of something else than the answer, by its subject: no word for an answer, and no number.
_ELSEWHERE = re.compile(
    r"(?:the|an?|his|her|its|their)\s(?!.*\b(?:answer|option|choice|value|result|number|count|total|question|reading|solution"
    r"|measure\w*|figure|correct|right|true|real|i|we)\b)[^\d]*\b(?:may|might|could)\b[^\d]*"
    r"|if\syou\slook\b(?!.*\b(?:answer|option|choice|may|might|could|would)\b)[^\d]*",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"(?:if|assuming|provided|given)\s(?:that\s)?"
    r"(?![^,]*\b(?:were|had|would|could|should|not|misread|wrong|question|mean[st]?|meant|asked?|count\w*|includ\w*|exclud\w*|i|we|you"
    r"|instead|only|turned|moved|another|other|more|less|every|everything|read|correct\w*)\b|[^,]*n't)"
    r"[^,.;!?]*\b(?:is|are|equals?)\b[^,.;!?]*,\s(?=[^,.;!?]{0,40}(?:\s(?:is|are|equals?)\s|=))",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.;!?])\s+")
_AFTER_YES = re.compile(
    r"\b(?:may|might|could)\s(?:well\s)?be\s(?!so\b|true\b|right\b|correct\b|the\scase\b|not\b|yes\b|no\b)(?=\w)",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(r"(?:yes|no)[,.;:!]\s", re.IGNORECASE)


def without_asides(text: str, answer: str, *, is_yes_no: bool = False) -> str:
    """The reply without what may be uncertain beside its answer, of which `answer` are the words in lower case."""
    if len(text) > MAX_CHARS:
        return text
    first, *others = _SENTENCE.split(_GIVEN.sub("", text, count=1) if _GIVEN.match(text) else text)
    kept = [first, *(one for one in others if not (_ELSEWHERE.match(one) and not _names(one, answer)))]
    left = _TAIL.sub("", " ".join(kept))
    if is_yes_no and (match := _YES_OR_NO.match(left)):
        return left[: match.end()] + _AFTER_YES.sub("is ", left[match.end() :])
    return left


def _names(sentence: str, answer: str) -> bool:
    """Whether a sentence has a word of the answer."""
    folded = sentence.casefold()
    return any(len(word) > 2 and word in folded for word in answer.split())
