"""Whether a reply gives a text that is read from an image (OCR), within a tolerance of misread characters.

Belongs here: misread letters, and where none may be misread. Does not belong here: words in an answer (rule_texts.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards import read_texts
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.rule_texts import text_rule
from wethink_assets.rewards.spelling import is_other_spelling, plainly
from wethink_assets.rewards.verdict import Verdict, readings

_SCHEME = re.compile(r"^https?://|/$")
_PLATE = re.compile(r"(?=.*[a-z])(?=.*\d)[a-z0-9 ]{4,12}")
_HAN_SPACE = re.compile(r"(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")
_INITIALS = re.compile(r"(?<![^\W\d_])([^\W\d_])\.\s+(?=[^\W\d_](?:[.\s]|$))")


def _names_another(gold: str, reply: str) -> bool:
    """Whether a short word with a capital begins with another letter: Tom is no Mom."""
    pairs = list(zip(gold.split(), reply.split(), strict=False))
    return any(
        x[0].isupper() and x[1:].islower() and len(x) < 5 and x[0] != y[0] and y[0].isupper() for x, y in pairs[1:]
    )


_AS_WRITTEN = frozenset("written printed reads read says say text word words spelled spelling sign label".split())
_OF_NAMES = frozenset("name who author writer whose".split())
_FIRST_ARTICLE = re.compile(r"(?:the|an?)(?=\s[A-Z])", re.IGNORECASE)


def _tight(text: str) -> str:
    """As read from an image: J. K. and JK, B-12 and B12 are one."""
    folded = _HAN_SPACE.sub("", fold(_SCHEME.sub("", clean(text).casefold())).replace("-", ""))
    return (
        "".join(folded.split())
        if _PLATE.fullmatch(folded)
        else " ".join(_INITIALS.sub(r"\1", folded).replace(".", "").split())
    )


def ocr(gold: TypedAnswer, text: str) -> Verdict:
    articles = [m[0].casefold() for written in (clean(gold.raw), text) if (m := _FIRST_ARTICLE.match(written))]
    if len(set(articles)) > 1:
        return Verdict.WRONG  # "A Long Winter" for "The Long Winter"
    if not _AS_WRITTEN.isdisjoint(gold.asked) and is_other_spelling(gold.raw, text):
        return Verdict.WRONG  # CENTER, where CENTRE is written
    verdict = text_rule(gold, text)
    if verdict is not Verdict.WRONG:
        return verdict
    gold_text = plainly(gold.raw)
    for reading in readings(text):
        reply_text = plainly(reading)
        if _tight(reading) == _tight(gold.raw) and len(reply_text) > 1:
            return Verdict.CORRECT
        if (
            reply_text
            and not _names_another(clean(gold.raw), reading)
            and _digits(reply_text) == _digits(gold_text)
            and _misread(
                gold_text,
                reply_text,
                gold.tolerance,
                named=not _OF_NAMES.isdisjoint(gold.asked) and len(gold_text) < 24,
            )
        ):
            return Verdict.CORRECT
    return Verdict.WRONG


_TURNS = frozenset(
    "no not never none nor without non un dont don't doesn't isn't can't cannot won't except only off".split()
)


def _misread(gold: str, reply: str, tolerance: float, *, named: bool = False) -> bool:
    """Whether two texts differ by misread characters alone.

    They are few in all, few in each word, and none is in a word that turns the meaning.
    """
    if read_texts.is_machine_read(gold) or named:
        return False  # an address or a name has no letter too few
    if distance(gold, reply) > tolerance * max(len(gold), len(reply)):
        return False
    a, b = gold.split(), reply.split()
    if [w for w in a if w in _TURNS] != [w for w in b if w in _TURNS]:
        return False
    if len(a) == len(b):
        if len(a) < 4 and any(x[:1] != y[:1] for x, y in zip(a, b, strict=True)):
            return False  # another first letter is another word: BARKING
        if any(len(x) < len(y) for x, y in zip(a, b, strict=True)) and len(gold) < 40:
            return False  # a letter more is another word: ADVENTURES
        return all(
            distance(x, y)
            <= (
                0
                if len(x) < 5 and x.isalpha() and y.isalpha() and len(a) < 3 and len(gold) < 12
                else max(1, len(x) // 5)
            )
            for x, y in zip(a, b, strict=True)
        )
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
