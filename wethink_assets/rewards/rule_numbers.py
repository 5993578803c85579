"""Whether a reply gives a number, a quantity or an expression.

Belongs here: readings of a reply as one value, a sentence around one number, the way to math-verify.
Does not belong here: the arithmetic (exact.py), units (units.py), the processes (math_pool.py).
"""

from __future__ import annotations

import re
from itertools import pairwise

from wethink_assets.rewards import algebra, exact, math_pool, number_words
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.intervals import is_all_reals
from wethink_assets.rewards.normalise import clean, plain_thousands, without_lead_in
from wethink_assets.rewards.scalars import Scalar, decimal_point, parse_scalar, same
from wethink_assets.rewards.units import parse_unit
from wethink_assets.rewards.verdict import (
    BOUND,
    CHANGED_AFTER,
    CHANGED_BEFORE,
    DENIED,
    HEDGE,
    NEGATION,
    Verdict,
    readings,
)

MAX_MATH_CHARS = 300
MAX_REPEATS = 3  # a sentence may say its number again; a flood of it says nothing

_JOINED = re.compile(r"\s?\w*\s?(?:\band\b|&|\bplus\b|和|与)", re.IGNORECASE)
_CLOCK = re.compile(r"\d:\d")
_CODE = re.compile(r"[{}\[\]|`_\\]|\w\(|&&|\bif\b")
_GLUED = re.compile(r"[A-Za-z.<>≤≥≠±~^*/\\]$")
_MENTION = re.compile(r"[-+]?\d[\d,]{0,30}(?:\.\d{1,30})?(?:\s*/\s*\d{1,15})?")


def _gold_scalar(gold: TypedAnswer) -> Scalar | None:
    scalar = parse_scalar(gold.raw)
    if scalar is not None and scalar.unit is None and gold.unit:
        unit = parse_unit(gold.unit)
        return Scalar(scalar.value, unit, scalar.decimals, scalar.digits, scalar.variable)
    return scalar


def number(gold: TypedAnswer, text: str) -> Verdict:
    gold_scalar = _gold_scalar(gold)
    if gold_scalar is None:
        return Verdict.UNPARSEABLE
    if _is_bound(without_lead_in(text)) and not _is_bound(clean(gold.raw)):
        return Verdict.UNPARSEABLE
    if _is_changed(text, gold):
        return Verdict.UNPARSEABLE
    for reading in readings(text):
        scalar = parse_scalar(reading) or parse_scalar(decimal_point(reading))
        if scalar is not None:
            return Verdict.CORRECT if same(gold_scalar, scalar, gold.tolerance) else Verdict.WRONG
    if BOUND.search(text):
        return Verdict.UNPARSEABLE
    if looks_mathematical(text) and len(text) <= MAX_MATH_CHARS and not HEDGE.search(text):
        return by_mathematics(gold.raw, without_lead_in(text))
    return _mentioned(gold_scalar, text, gold.tolerance)


def _is_bound(text: str) -> bool:
    """Whether a text as a whole bounds a number: ">= 5", "at least 5", "5以上"."""
    return text.endswith(("以上", "以下")) or (not text[:1].isdigit() and BOUND.match(text) is not None)


_DECADE = re.compile(r"\b[12]?\d{1,2}0'?s\b")


def _is_changed(text: str, gold: TypedAnswer) -> bool:
    """Whether words beside the reply's one number make another amount or time of it."""
    if not gold.unit and _DECADE.search(text):
        return True  # the 1990s are no year; "100s" is 100 seconds where the gold has a unit
    numbers = list(_MENTION.finditer(text)) if len(text) <= MAX_MATH_CHARS else []
    if len(numbers) != 1:
        return False
    before, after = text[: numbers[0].start()], text[numbers[0].end() :]
    raw = clean(gold.raw)
    return any(
        pattern(part) and not pattern(raw)
        for pattern, part in ((CHANGED_BEFORE.search, before), (CHANGED_AFTER.match, after))
    )


def _mentioned(gold_scalar: Scalar, text: str, tolerance: float) -> Verdict:
    """A sentence around one number. Several numbers are never right: which is meant is a guess."""
    text = plain_thousands(text)
    mentions = list(_MENTION.finditer(text))
    if not mentions:
        return Verdict.UNPARSEABLE
    if len({m[0] for m in mentions}) > 1:
        return Verdict.HEDGED if HEDGE.search(text) else Verdict.WRONG
    if NEGATION.search(text) or DENIED.search(text):
        return Verdict.UNPARSEABLE
    if HEDGE.search(text):
        return Verdict.HEDGED
    match = mentions[0]
    before, after = text[: match.start()], text[match.end() :]
    between = [text[a.end() : b.start()] for a, b in pairwise(mentions)]
    if _CLOCK.search(text):
        return Verdict.WRONG
    if (
        len(mentions) > MAX_REPEATS
        or _CODE.search(text)
        or _GLUED.search(before)
        or not all(any(map(str.isalpha, part)) for part in between)
    ):
        return Verdict.UNPARSEABLE  # v7, #.7, and "7 7"
    if _JOINED.match(after):
        return Verdict.WRONG  # "volume 2 and the atlas" is not 2
    if any(not _same_word(word[0], match[0]) for word in number_words.MENTION.finditer(text)):
        return Verdict.WRONG  # a second number in words
    tail = re.match(r"\s*(?:[°%$€£]|[A-Za-zµμ°]+(?:\s?/\s?[A-Za-z]+)?(?:\^?\d)?|[\u4e00-\u9fff]{1,3})?", after)
    number = f"{before[-1:]}{match[0]}" if before[-1:] in tuple("$€£¥") else match[0]
    scalar = parse_scalar(number + (tail[0] if tail else "")) or parse_scalar(number)
    if scalar is None or (gold_scalar.unit and not gold_scalar.unit.is_counted and scalar.unit is None):
        return Verdict.UNPARSEABLE
    return Verdict.CORRECT if same(gold_scalar, scalar, tolerance) else Verdict.WRONG


def _same_word(word: str, digits: str) -> bool:
    """Whether a number word repeats the digits: "seven (7)"."""
    named = number_words.parse(word)
    scalar = parse_scalar(digits)
    return named is not None and scalar is not None and scalar.value == exact.of(named.value)


def looks_mathematical(text: str) -> bool:
    return bool(
        re.search(
            r"\\[A-Za-z]+|[\^√π=]|\b(?:sin|cos|tan|log|ln)\b|[A-Za-z]\s?[-+*/]\s?\d|\d\s?[-+*/]\s?[A-Za-z]\b|\d[a-z]\b",
            text,
        )
    )


_BY_ANSWER = {
    math_pool.EQUAL: Verdict.CORRECT,
    math_pool.DIFFERENT: Verdict.WRONG,
    math_pool.GOLD: Verdict.UNPARSEABLE,
    math_pool.REPLY: Verdict.UNPARSEABLE,
    math_pool.TIMEOUT: Verdict.TIMEOUT,
    math_pool.ERROR: Verdict.ERROR,
}


def by_mathematics(gold: str, reply: str) -> Verdict:
    gold_text, reply_text = (plain_thousands(clean(t)) for t in (gold, reply))
    if len(gold_text) > MAX_MATH_CHARS or len(reply_text) > MAX_MATH_CHARS:
        return Verdict.UNPARSEABLE
    if "boxed" in reply_text or "fbox" in reply_text:
        return Verdict.UNPARSEABLE  # a box within the answer: math-verify would take what is in it for the whole
    gold_text, reply_text = _latex(gold_text), _latex(reply_text)
    if (decided := algebra.same(gold_text, reply_text)) is not None:
        return Verdict.CORRECT if decided else Verdict.WRONG
    return _BY_ANSWER[math_pool.POOL.check(gold_text, reply_text)]


_ROOT = re.compile(r"(?:√|(?<![\\A-Za-z])sqrt)\s*(?:\(([^()]{1,80})\)|(\d{1,12}|[A-Za-z]))")
_ROMAN = re.compile(r"\\(?:mathrm|mathit|rm)\s?\{([A-Za-z])\}")
_FUNCTION = re.compile(r"(?<![\\A-Za-z])(sin|cos|tan|log|ln|exp|pi|theta|alpha|beta|infty)(?![A-Za-z])")


def _latex(text: str) -> str:
    text = _ROMAN.sub(r"\1", text)
    text = _ROOT.sub(lambda m: "\\sqrt{" + (m[1] or m[2]) + "}", text)
    text = _FUNCTION.sub(r"\\\1 ", text)
    return (
        text.replace("**", "^")
        .replace("*", "\\cdot ")
        .replace("π", "\\pi ")
        .replace("≤", "\\le ")
        .replace("≥", "\\ge ")
        .replace("∞", "\\infty ")
    )


def _squeezed(text: str) -> str:
    return (
        re.sub(r"\s+|\\[,;!: ]|\\left|\\right|\*|\\cdot(?![a-z])|\\times(?![a-z])", "", text)
        .replace("dfrac", "frac")
        .replace("tfrac", "frac")
    )


def expression(gold: TypedAnswer, text: str) -> Verdict:
    gold_text = clean(gold.raw)
    if any(_squeezed(reading) == _squeezed(gold_text) for reading in readings(text)):
        return Verdict.CORRECT
    if is_all_reals(gold_text) and any(map(is_all_reals, readings(text))):
        return Verdict.CORRECT
    scalar = _gold_scalar(gold)
    if scalar is not None:
        for reading in readings(text):
            replied = parse_scalar(reading)
            if replied is not None:
                return Verdict.CORRECT if same(scalar, replied, gold.tolerance) else Verdict.WRONG
    if HEDGE.search(text):
        return Verdict.HEDGED
    rest = without_lead_in(text)
    if len(rest) > MAX_MATH_CHARS or re.search(
        r"(?<!\\)\b[A-Za-z]{4,}\b.*(?<!\\)\b[A-Za-z]{4,}\b", re.sub(r"\\[A-Za-z]+", " ", rest)
    ):
        return Verdict.UNPARSEABLE  # prose, not mathematics
    return by_mathematics(gold.raw, rest)
