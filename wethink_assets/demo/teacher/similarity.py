"""Lexical similarity of a reply to the gold answer: the mock judge's measure, by words and without a model.

Belongs here: a graded, repeatable score in [0, 1]. Does not belong here: tiers of a rubric (the schema names them).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)?")
_STOP = frozenset(
    "a an the is are was were be been of in on at to and or it its this that these those there here with for from by "
    "as image picture photo scene shows show shown see seen has have which what where who how does do".split()
)
# Words whose exchange makes a sentence false however similar the rest is.
_DECISIVE = frozenset(
    "red green blue yellow orange purple pink brown black white grey gray cyan left right above below top bottom "
    "yes no not none one two three four five six seven eight nine ten first second third last "
    "bigger smaller larger taller shorter higher lower more fewer most least increases decreases rises falls".split()
)
_FLOOD = 12
_DIGITS = {
    w: str(n) for n, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}


def words(text: str) -> list[str]:
    """Content words, folded, plural endings removed, number words as digits."""
    tokens = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    tokens = [_DIGITS.get(w, w) for w in tokens]
    return [w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in tokens if w not in _STOP]


def similarity(gold: str, reply: str, question: str = "") -> float:
    """Share of the gold's content that the reply holds, lowered by contradicting words and by flooding.

    A reply that only repeats the question, or buries the gold in a flood of other words, scores 0.
    """
    gold_words, reply_words = words(gold), words(reply)
    if not gold_words or not reply_words:
        return float(bool(gold.strip()) and gold.strip() == reply.strip())
    have, asked = set(reply_words), set(words(question))
    if have <= asked and not set(gold_words) <= have:
        return 0.0
    # Words of the question prove nothing, unless the gold has no others.
    telling = [w for w in gold_words if w not in asked] or gold_words
    score = sum(w in have for w in telling) / len(telling)
    if len(reply_words) > _FLOOD * len(gold_words) + 20:
        return 0.0
    # Counted, since "a red kite, a red bird" holds both colours of "a red kite, a blue bird" but one.
    wrong = _decisive(reply_words) - _decisive(gold_words) - _decisive(words(question))
    missing = _decisive(telling) - _decisive(reply_words)
    if wrong and missing:
        score *= 0.35  # the main point may be contradicted: a quarter at best, as the rubric says
    elif wrong:
        score *= 0.9 ** wrong.total()
    return score


def _decisive(tokens: list[str]) -> Counter[str]:
    return Counter(w for w in tokens if w in _DECISIVE or w.isdigit())


def nearest(score: float, levels: list[float]) -> float:
    """The level that a score earns: rounded to the nearest, and the highest only for (almost) all of the gold."""
    levels = sorted(levels)
    if score >= 0.95:
        return levels[-1]
    return min(levels[:-1] or levels, key=lambda level: abs(level - score))
