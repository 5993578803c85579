"""Filters of a reasoning path's steps: computations that are wrong, statements that contradict each other, its end.

Belongs here: what a reader can check in the text alone. Does not belong here: whether it is true of the image.
"""

from __future__ import annotations

import re

from wethink_assets.rewards import equations
from wethink_assets.rewards.answers import MULTIPLE_CHOICE, AnswerType
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.scalars import parse_scalar
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.row_filters.candidate import Candidate
from wethink_assets.row_filters.computations import false_ones
from wethink_assets.row_filters.conclusions import conclusions
from wethink_assets.row_filters.contrary_results import COLOURS, SIDES, contrary_result, other_wording
from wethink_assets.row_filters.questions import judged

_COUNTED = re.compile(
    r"\b(?:there (?:is|are)|i (?:see|count)|it (?:shows|has)|the image (?:shows|has)) (?:exactly |only |a total of )?"
    r"(?P<value>\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) (?P<subject>[^,.;:()]{2,60})",
    re.IGNORECASE,
)
_IS = re.compile(
    r"(?:^|[,;:] |\band |\bso |\bthus |\btherefore )(?P<subject>(?:the|its|this) [\w' -]{2,50}?) "
    r"(?:is|are|looks?|stands?) (?:clearly |really |on the |to the |at the )?(?P<value>\w+)$",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:after|before|remain\w*|left over|remov\w+|add\w*|take\w*|now|then|becomes?|first|second|third|last|each|"
    r"another|other|row|column|group)\b",
    re.IGNORECASE,
)
_COMPUTED = re.compile(r"\d[^\w=]{0,3}(?:[-+*/×÷·]|\\times|\\div|\\cdot)[^\w=]{0,3}\d|[-+*/×÷]\s*[\d(√]")
_DECIDED = re.compile(
    r"\b(?:gives?|get|points? (?:clearly )?to|must be|result is|leads? to|leaves?|it is indeed|would be|only)\s+"
    r"(?:option |choice )?"
    r"(?P<claim>[^;]{1,80})",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"(?<=\d)\s?[%°]")
_TURNED = re.compile(
    r"\b(?:not|no longer|wait|actually|instead|rather|at first|seems?|might|could|would|if)\b", re.IGNORECASE
)
_SAID_IN_PARTS = (AnswerType.QUANTITY, AnswerType.OCR)
_AMOUNT_IN_WORDS = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand|half)\b"
)
_TAIL = 2  # sentences at the end in which the answer must stand


def wrong_step(row: Candidate) -> str | None:
    """An equation or a computation in words that does not hold, such as 3 + 4 = 8; rounding is allowed."""
    for sentence in row.sentences:
        plain = _SIGNS.sub("", sentence.rstrip(".!;"))
        if "=" in plain and _COMPUTED.search(plain) and equations.fails(plain):
            return f"a computation does not hold: {sentence[:120]!r}"
        if (false := next(false_ones(sentence), None)) is not None:
            return f"a computation does not hold: {false[:120]!r}"
    return None


def contradicts_itself(row: Candidate) -> str | None:
    """Two statements of one subject with different colours, sides or counts, or a decision for another answer."""
    said: dict[tuple[str, str], str] = {}
    for sentence in row.sentences:
        if _TURNED.search(sentence):
            continue
        for kind, subject, value in _statements(sentence.rstrip(".!;")):
            before = said.setdefault((kind, subject), value)
            if before != value:
                return f"{subject!r} is {before} and {value}"
    if judged(row):
        return other_wording(row)
    for claim in (*conclusions(row.path), *_other_options(row)):
        if not _TURNED.match(claim) and verify(row.gold, claim, extracted=True) == Verdict.WRONG:
            return f"the path concludes {claim[:80]!r}, the answer is {row.answer_text[:80]!r}"
    return contrary_result(row)


def _other_options(row: Candidate) -> list[str]:
    """Options that a sentence decides for: "all of this points to C. the cup". Middle results of numbers look alike."""
    if row.category != MULTIPLE_CHOICE:
        return []
    found = []
    for sentence in row.sentences:
        if (match := _DECIDED.search(sentence)) and not _TURNED.search(sentence):
            claim = match["claim"]
            letter = claim[0] if re.match(r"[A-Z](?:[.):]|$|,)", claim) else ""
            if letter and match[0].lower().startswith("only"):  # others may follow: "only A. the bowl and C. the fork"
                continue
            named = [
                chr(65 + n)
                for n, option in enumerate(row.options)
                if re.match(rf"{re.escape(fold(option) or chr(0))}(?![\w.,]*\w)", fold(claim))
            ]
            found += [letter] if letter else named if len(named) == 1 else []
    return found


def _statements(sentence: str) -> list[tuple[str, str, str]]:
    found = [
        ("count", fold(match["subject"]), str(number.value))
        for match in _COUNTED.finditer(sentence)
        if not _CHANGED.search(sentence) and (number := parse_scalar(match["value"])) is not None
    ]
    if match := _IS.search(sentence):
        value = match["value"].lower()
        for kind, values in (("colour", COLOURS), ("side", SIDES)):
            if value in values:
                found.append((kind, fold(match["subject"]), value))
    return found


def ends_elsewhere(row: Candidate) -> str | None:
    """A path whose last sentences do not hold the answer. Free text is passed over: it may be said in other words."""
    if judged(row) or not row.sentences:
        return None
    tail = " ".join(row.sentences[-_TAIL:])
    told = fold(tail)
    for text in {row.answer, row.answer_text}:
        if (words := fold(text)) and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", told):
            return None
    for sentence in row.sentences[-_TAIL:]:
        if verify(row.gold, sentence, extracted=True) == Verdict.CORRECT:
            return None
    if row.gold.type in _SAID_IN_PARTS:  # with its unit elsewhere or in words, without its punctuation
        words = re.findall(r"\w+", fold(row.answer))
        if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", told) for word in words) or _AMOUNT_IN_WORDS.search(told):
            return None
    if row.category == MULTIPLE_CHOICE or row.gold.type in (AnswerType.NUMBER, AnswerType.TEXT, *_SAID_IN_PARTS):
        return f"the end of the path does not say {row.answer_text[:80]!r}: {row.sentences[-1][:120]!r}"
    return None
