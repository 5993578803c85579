"""Whether a reply gives a text: yes or no, words, text read from an image, a free-form answer.

Belongs here: comparing words. Does not belong here: grading descriptions (judge.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards.answers import NO, YES, TypedAnswer
from wethink_assets.rewards.normalise import clean, fold, without_lead_in
from wethink_assets.rewards.verdict import HEDGE, UNKNOWN, Verdict, readings

_YES_NO = re.compile(
    r"\b(?:yes|yeah|yep|no|nope|true|false|correct|incorrect)\b|\bnot (?:true|correct|right|false)\b|\b(?:untrue|wrong)\b"
    r"|不正确|不是|不对|没有|错误|正确|是的|对的|否|错|是|对|真|假",
    re.IGNORECASE,
)
_POSITIVE = {"yes", "yeah", "yep", "true", "correct", "not false", "正确", "是的", "对的", "是", "对", "真"}


def yes_no(gold: TypedAnswer, text: str) -> Verdict:
    said = _said_yes(text)
    if isinstance(said, Verdict):
        return said
    return Verdict.CORRECT if said == (gold.value == "yes") else Verdict.WRONG


def _said_yes(text: str) -> bool | Verdict:
    folded = fold(text)
    for whole in (folded, text.casefold()):
        if whole in YES or whole in NO:
            return whole in YES
    if UNKNOWN.search(text) and not re.match(r"(?:yes|no)\b", text, re.IGNORECASE):
        return Verdict.UNPARSEABLE
    stripped = without_lead_in(text)
    for reading in (stripped, text):
        if match := re.match(
            r"(yes|no|true|false|correct|incorrect|是的|不是|没有|正确|不正确|错误|否|对|错|是)(?![A-Za-z'])\s*",
            reading,
            re.IGNORECASE,
        ):
            first = match[1].lower() in _POSITIVE
            rest = reading[match.end() :]
            others = {
                m[0].lower() in _POSITIVE
                for m in _YES_NO.finditer(rest)
                if m[0].lower() in ("yes", "true", "false", "是的", "否")
            }
            bare_no = re.search(
                r"(?:\bor|/|,|\band)\s*(?:yes|no|not|否|不是)\s*[.?!]*$|是?或否|\bmaybe\b|\bperhaps\b",
                rest,
                re.IGNORECASE,
            )
            return Verdict.HEDGED if (not first) in others or bare_no or UNKNOWN.search(rest) else first
    said = {m[0].lower() in _POSITIVE for m in _YES_NO.finditer(text)}
    if len(said) == 2:
        return Verdict.HEDGED
    if not said:
        return Verdict.UNPARSEABLE
    if HEDGE.search(text):
        return Verdict.HEDGED
    return said.pop()


def text_rule(gold: TypedAnswer, text: str) -> Verdict:
    wanted = _plainly(gold.raw)
    if any(_plainly(reading) == wanted for reading in readings(text)):
        return Verdict.CORRECT
    if f" {wanted} " in f" {_plainly(text)} " and HEDGE.search(text) and not HEDGE.search(gold.raw):
        return Verdict.HEDGED
    return Verdict.UNPARSEABLE if UNKNOWN.search(text) else Verdict.WRONG


_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")


def _plainly(text: str) -> str:
    folded = " ".join(_INNER_HYPHEN.sub(" ", fold(text)).split())
    return folded or clean(text).casefold()


def ocr(gold: TypedAnswer, text: str) -> Verdict:
    verdict = text_rule(gold, text)
    if verdict is not Verdict.WRONG:
        return verdict
    wanted = _plainly(gold.raw)
    for reading in readings(text):
        said = _plainly(reading)
        if (
            _digits(said) == _digits(wanted)
            and said
            and distance(wanted, said) <= gold.tolerance * max(len(wanted), len(said))
        ):
            return Verdict.CORRECT
    return Verdict.WRONG


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def distance(a: str, b: str) -> int:
    """Levenshtein distance; texts longer than 1,000 characters count as wholly different."""
    if max(len(a), len(b)) > 1_000:
        return max(len(a), len(b)) if a != b else 0
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def free_form(gold: TypedAnswer, text: str) -> Verdict:
    """Word for word is right; all else is for the judge."""
    return Verdict.CORRECT if _plainly(gold.raw) == _plainly(text) else Verdict.UNPARSEABLE
