"""Short writings of one number that the gold decides how to read: 2.4M, 0.25 M, 3:2, a unit in brackets, a last clause.

Belongs here: readings that would be wrong of another gold. Does not belong here: numbers that read alike whatever was
asked (scalars.py), sentences (number_prose.py, share_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction

from wethink_assets.rewards import asked_words, latex_text, surds
from wethink_assets.rewards.normalise import without_lead_in
from wethink_assets.rewards.scalars import Scalar, parse_scalar
from wethink_assets.rewards.units import measures, parse_unit
from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION

MAX_CHARS = 400
_LARGE = re.compile(r"(?:about |approximately |~|≈)?(\$?)\s?(\d{1,6}(?:\.\d{1,4})?)\s?(M|B|mil)\b\.?")
_TIMES = {"M": 10**6, "mil": 10**6, "B": 10**9}
_MOLAR = re.compile(r"(.*\d)\s?(?:\\[,;]|\s)?\s?M", re.DOTALL)
_BRACKETED = re.compile(r"(?<=[\d}])\s?\(([^()\d]{1,12})\)(?=\W*$)")
_RATE = re.compile(r"\s?(?:/\s?|每)(?:小?时|分钟?|秒钟?|h|hr|min|s|hour)(?=\W*$)")
_NUMERO = re.compile(r"(?:No\.|N°|Nr\.|№|#)\s?(?=\d{1,6}$)|^no\s(?=\d{1,6}$)")
_COMPUTED_BEHIND = re.compile(r"(\d[\d.,]{0,12})\s?\((\d[\d.+\-*/ ×÷]{1,40})\)")
_DASHED_REASON = re.compile(r"(\d[\d.,]{0,12}) - (?!\d)[a-z][^\d]{4,120}")
_MEASURE_WORD = re.compile(r"(\d)\s?\([个只人张条本元岁米度台辆朵棵]\)(?=\W*$)")
_REMAINDER = re.compile(r"\b(?:remainder|[Rr])\s?(?:is|of|=|:)?\s?(\d{1,9})\W*$|余数?(?:是|为|:|=)?\s?(\d{1,9})\W*$")
_COUNT_FIRST = re.compile(
    r"(?:(?:it|there|the [a-z]{3,20}|this) (?:has|have|are|is) )?"
    r"((?:\d{1,4}|two|three|four|five|six|seven|eight|nine|ten) (?:(?:real|distinct|different) )?([a-z]{3,20}))"
    r"(?::\s|(?:,|, namely| \() ?(?=[A-Za-z]\s?=))",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(\d{1,6}(?:\.\d{1,4})?)\s?(?::|to)\s?(\d{1,6}(?:\.\d{1,4})?)")
_PART_OF = re.compile(r"(\S{1,30}) of ([A-Za-z ]{2,60})\W*")
_LAST = re.compile(
    r"[.;]\s(?:so |thus |therefore |hence )?"
    r"the ([a-z]{2,20}(?: [a-z]{2,20}){0,4}) (?:is|was|=|equals) ([^.;,=]{1,30})\W*$",
    re.IGNORECASE,
)


_SCALES = {"thousands": 10**3, "millions": 10**6, "billions": 10**9, "百万": 10**6}


def scale(asked: Collection[str]) -> Fraction | None:
    """The factor of a question's "in millions": its answer may be written out, or with the word behind it."""
    found = [size for word, size in _SCALES.items() if word in asked or (word[:-1] in asked and "in" in asked)]
    return Fraction(found[0]) if len(found) == 1 else None


def rewritten(gold: Scalar, text: str, asked: Collection[str]) -> str:
    """The reply with what only this gold can mean written out; the reply itself where there is nothing of it."""
    if len(text) > MAX_CHARS:
        return text
    text = _NUMERO.sub("", text) if "number" in asked else text
    if (match := _COMPUTED_BEHIND.fullmatch(text)) and parse_scalar(match[1]) == parse_scalar(match[2]):
        text = match[1]
    if (match := _DASHED_REASON.fullmatch(text)) and not any(p.search(text) for p in (DENIED, HEDGE)):
        text = match[1]
    text = _MEASURE_WORD.sub(r"\1", text)
    if not {"remainder", "余数", "余"}.isdisjoint(asked) and (match := _REMAINDER.search(text)):
        return match[1] or match[2]
    if (
        "many" in asked
        and (match := _COUNT_FIRST.match(text))
        and asked_words.stem(match[2].casefold()) in {asked_words.stem(w) for w in asked}
    ):
        return match[1]
    text = _BRACKETED.sub(lambda m: f" {m[1]}" if measures(m[1]) else m[0], text)
    if any("每" in word or "速" in word for word in asked) and gold.unit and len(gold.unit.parts) == 1:
        text = _RATE.sub("", text)  # 每小时多少千米 is answered by 千米 and by 千米/时
    bare = without_lead_in(text)
    measured = gold.unit is not None and not gold.unit.is_counted
    value = surds.rational(gold.value)
    if (match := _LARGE.fullmatch(bare)) and value is not None and abs(value) >= 100_000 and _may_be_large(gold):
        return f"{match[1]}{Fraction(match[2]) * _TIMES[match[3]]}"
    if measured and gold.unit == parse_unit("mol/L"):
        plain = latex_text.plain(bare)
        return f"{match[1]} mol/L" if (match := _MOLAR.fullmatch(plain)) else text
    if not {"ratio", "比"}.isdisjoint(asked) and not measured:
        match = _RATIO.fullmatch(re.sub(r"^the ratio (?:\w+ ){0,8}?is ", "", bare, flags=re.IGNORECASE))
        if match and Fraction(match[2]):
            return f"{Fraction(match[1]) / Fraction(match[2])}"
    if not {"fraction", "proportion", "portion"}.isdisjoint(asked) and (match := _PART_OF.fullmatch(bare)):
        words = [w.casefold() for w in re.findall("[A-Za-z]+", match[2])]
        if all(asked_words.is_empty(w) or w in asked for w in words):
            return match[1]
    return _last_clause(text, asked) or text


def _may_be_large(gold: Scalar) -> bool:
    return gold.unit is None or gold.unit.is_counted or gold.unit.word in ("dollar", "euro", "pound_sterling")


def _last_clause(text: str, asked: Collection[str]) -> str | None:
    """The value that the last clause gives of what was asked by name: "...; the largest is 31"."""
    match = _LAST.search(text) if len(text) <= 300 else None
    if match is None or any(p.search(text) for p in (NEGATION, DENIED, HEDGE)) or BOUND.search(match[0]):
        return None
    named, wanted = asked_words.of_text(match[1]), asked_words.content(tuple(asked))
    if not named or not named <= wanted or parse_scalar(match[2]) is None:
        return None
    return match[2].strip()
