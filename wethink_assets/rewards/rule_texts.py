"""Whether a reply gives a text: words, text read from an image, a free-form answer.

Belongs here: comparing words. Does not belong here: grading descriptions (judge.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards import dates_times
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.verdict import HEDGE, UNKNOWN, Verdict, readings


def text_rule(gold: TypedAnswer, text: str) -> Verdict:
    gold_text = plainly(gold.raw)
    if any(gold_text in (plainly(reading), _bare(reading, gold.raw)) for reading in readings(text)):
        return Verdict.CORRECT
    if (moment := dates_times.parse(gold.raw)) is not None and not HEDGE.search(text):
        for reading in readings(text):
            if (replied := dates_times.parse(reading, spoken=True)) is not None:
                return Verdict.CORRECT if replied == moment else Verdict.WRONG
    reply_text = plainly(text)
    named = f" {gold_text} " in f" {reply_text} " if gold_text.isascii() else gold_text in reply_text
    if named and HEDGE.search(text) and not HEDGE.search(gold.raw):
        return Verdict.HEDGED
    return Verdict.UNPARSEABLE if UNKNOWN.search(text) else Verdict.WRONG


_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_RATIO = re.compile(r"(?<=\d)(?:\s?[:比]\s?|\sto\s)(?=\d)")  # 3:4, 3 to 4; not 6:8, which as a score is another
_COLOUR = re.compile(r"(?<![\u4e00-\u9fff])([红橙黄绿青蓝紫粉棕褐黑白灰])色(?![\u4e00-\u9fff])")  # 红 and 红色 are one
# What may stand before a word that was asked for: "on the left", 一个正方形. Where the answer has it itself it counts.
_PLACED = re.compile(r"(?:(?:on|in|at|to)\s(?:the\s)?|(?:这|那|它)?是?一[个只条张朵辆座位名])(?=\S)", re.IGNORECASE)
_SIDE = re.compile(r"\s(?:hand\s)?side$")
_BRITISH = re.compile(r"\b(?:grey|colour|centre|metre|litre|theatre|favourite|aluminium|jewellery)(?=s?\b)")
_SPELLING = {
    "grey": "gray",
    "colour": "color",
    "centre": "center",
    "metre": "meter",
    "litre": "liter",
    "theatre": "theater",
    "favourite": "favorite",
    "aluminium": "aluminum",
    "jewellery": "jewelry",
}
_SCHEME = re.compile(r"^https?://|/$")
_HAN_SPACE = re.compile(r"(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")
_INITIALS = re.compile(r"(?<![^\W\d_])([^\W\d_])\.\s+(?=[^\W\d_](?:[.\s]|$))")


def plainly(text: str) -> str:
    """As `fold`, and without differences of hyphens, British and American spelling, 红 and 红色, 3:4 and 3 to 4."""
    text = _COLOUR.sub(r"\1", text)
    folded = _RATIO.sub(":", " ".join(_INNER_HYPHEN.sub(" ", fold(text)).split()))
    return _BRITISH.sub(lambda m: _SPELLING[m[0]], folded) or clean(text).casefold()


def _bare(reading: str, gold: str) -> str:
    """The reply without a preposition or measure word that the gold has not."""
    gold = clean(gold)
    if (match := _PLACED.match(reading)) is None or _PLACED.match(gold):
        return ""
    rest = plainly(reading[match.end() :])
    return _SIDE.sub("", rest) if match[0].isascii() and not _SIDE.search(gold) else rest


def _tight(text: str) -> str:
    """As read from an image: J. K. and JK, B-12 and B12 are one."""
    folded = _HAN_SPACE.sub("", fold(_SCHEME.sub("", clean(text).casefold())).replace("-", ""))
    return " ".join(_INITIALS.sub(r"\1", folded).replace(".", "").split())


def ocr(gold: TypedAnswer, text: str) -> Verdict:
    verdict = text_rule(gold, text)
    if verdict is not Verdict.WRONG:
        return verdict
    gold_text = plainly(gold.raw)
    for reading in readings(text):
        reply_text = plainly(reading)
        if _tight(reading) == _tight(gold.raw) and len(reply_text) > 1:
            return Verdict.CORRECT
        if reply_text and _digits(reply_text) == _digits(gold_text) and _misread(gold_text, reply_text, gold.tolerance):
            return Verdict.CORRECT
    return Verdict.WRONG


_TURNS = frozenset(
    "no not never none nor without non un dont don't doesn't isn't can't cannot won't except only off".split()
)


def _misread(gold: str, reply: str, tolerance: float) -> bool:
    """Whether two texts differ by misread characters alone.

    They are few in all, few in each word, and none is in a word that turns the meaning.
    """
    if distance(gold, reply) > tolerance * max(len(gold), len(reply)):
        return False
    a, b = gold.split(), reply.split()
    if [w for w in a if w in _TURNS] != [w for w in b if w in _TURNS]:
        return False
    if len(a) == len(b):
        return all(distance(x, y) <= max(1, len(x) // 5) for x, y in zip(a, b, strict=True))
    return distance("".join(a), "".join(b)) <= 1  # a space too many or too few, no word


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
    return Verdict.CORRECT if plainly(gold.raw) == plainly(text) else Verdict.UNPARSEABLE
