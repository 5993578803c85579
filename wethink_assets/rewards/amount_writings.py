"""Amounts in everyday words: "an hour and a half", "a quarter of a litre", "40 degrees below zero", "4.7 kilo-ohms".

Belongs here: turning such a reply into a number and its unit. Does not belong here: number words (number_words.py),
units (units.py), other languages (foreign_numbers.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from wethink_assets.rewards import number_words
from wethink_assets.rewards.units import measures

MAX_CHARS = 120
_COUNT = r"(an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,4})"
_PART = r"(half|third|quarter|thirds|quarters|fifth|fifths|tenth|tenths|eighth|eighths)"
_AND_A_HALF = re.compile(rf"^{_COUNT} ([a-z]{{2,12}}) and (?:an? |one )?{_PART}", re.IGNORECASE)
_PART_OF = re.compile(rf"^{_COUNT} {_PART} of (?:an?|one) ([a-z]{{2,12}})", re.IGNORECASE)
_BELOW_ZERO = re.compile(
    r"^(?:minus )?(\d{1,4}(?:\.\d{1,4})?)\s?((?:degrees?|°)\s?(?:celsius|fahrenheit|c|f)?)\s?below zero", re.IGNORECASE
)
_MILLIONS = re.compile(
    rf"^{_COUNT} and an? (half|quarter|third) (hundred|thousand|million|billion)(?:\s([a-z]{{2,12}}))?", re.IGNORECASE
)
_NUMBER_OF = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_REASONED = re.compile(r"^([^,;]{1,60}?)[,;]?\s(?:because|since)\s.{1,100}", re.IGNORECASE)
_PREFIXED = re.compile(r"\b(kilo|mega|giga|milli|micro|nano|centi|deci|hecto)[- ](?=[a-z]{3})", re.IGNORECASE)
_POINTS = re.compile(
    r"\s?(?:percentage[- ]points?|percent points?|p\.?p\.?|pps|%[- ]?points?|个?百分点)(?![a-z])", re.IGNORECASE
)
_DIGITS = re.compile(r"^-?\d(?:\s\d){2,11}")
_LEAST = re.compile(r"^(?:at least|a minimum of|no less than|no fewer than)\s(?=\d|[a-z]{3,9}\b)", re.IGNORECASE)
_MOST = re.compile(r"^(?:at most|a maximum of|up to|no more than)\s(?=\d|[a-z]{3,9}\b)", re.IGNORECASE)
_MIXED = re.compile(r"(\d{1,4})(?: and |-)(\d{1,3})/(\d{1,3})(\s[a-z]{1,12})?", re.IGNORECASE)
_WHOLE_AND = re.compile(rf"{_COUNT} and (?:an?|one) (half|third|quarter|fifth|tenth)\s([a-z]{{2,12}})", re.IGNORECASE)
_IN = re.compile(r"(?:an? |the )?(?:chance of )?(\d{1,6}) in (\d{1,6})(?: chance)?", re.IGNORECASE)
_OF_PARTS = re.compile(r"(\d{1,4}) (?:out )?of (?:the )?(\d{1,4})(?: (?:equal )?[a-z]{3,12})?", re.IGNORECASE)
_CHANCE = frozenset("probability chance chances odds likelihood likely".split())
_FOLD = re.compile(
    r"(?:(?:it|they|by|a|the [a-z]{2,20}) (?:factor of |has |have )?)?"
    r"(?:(\d{1,4}(?:\.\d{1,3})?)\s?(?:x|\*|-?fold|times)"
    r"|(doubled|tripled|quadrupled|halved|twice|thrice|twofold|threefold|fourfold|fivefold|tenfold))",
    re.IGNORECASE,
)
_TIMES_AS = {
    "doubled": 2,
    "twice": 2,
    "twofold": 2,
    "tripled": 3,
    "thrice": 3,
    "threefold": 3,
    "quadrupled": 4,
    "fourfold": 4,
    "fivefold": 5,
    "tenfold": 10,
    "halved": "1/2",
}
_CHANGE_OF = re.compile(
    r"(?:^|[,;]\s|\sis\s)(?:an?|the) (increase|rise|gain|growth|decrease|fall|drop|decline|loss|reduction"
    r"|difference) of ([^,;]{1,30}?)\.?$",
    re.IGNORECASE,
)
_WAYS = {
    "up": re.compile(r"\b(?:ris|rose|increas|grow|grew|gain)", re.IGNORECASE),
    "down": re.compile(r"\b(?:fall|fell|decreas|drop|declin|lose|lost|loss|reduc)", re.IGNORECASE),
    "difference": re.compile(r"\b(?:differ|change)", re.IGNORECASE),
}
_OR = re.compile(r"\b([A-Za-z]{2,20}) or ([A-Za-z]{2,20})\b")
_HALVES = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "eighth": 8, "tenth": 10}


def of(text: str, asked: Sequence[str]) -> Iterator[str]:
    """The reply as a number and its unit, in each of these writings that it is in."""
    if len(text) > MAX_CHARS:
        return
    if (match := _AND_A_HALF.fullmatch(text)) and measures(match[2]):
        yield f"{_count(match[1]) + Fraction(1, _HALVES[match[3].casefold().rstrip('s')])} {match[2]}"
    if (match := _PART_OF.fullmatch(text)) and measures(match[3]):
        yield f"{_count(match[1]) * Fraction(1, _HALVES[match[2].casefold().rstrip('s')])} {match[3]}"
    if (match := _MILLIONS.fullmatch(text)) and (number := _NUMBER_OF.get(match[3].casefold())):
        yield f"{(_count(match[1]) + Fraction(1, _HALVES[match[2].casefold()])) * number} {match[4] or ''}".strip()
    if match := _MIXED.fullmatch(text):
        yield f"{match[1]} {match[2]}/{match[3]}{match[4] or ''}"
    if match := _WHOLE_AND.fullmatch(text):
        yield f"{_count(match[1]) + Fraction(1, _HALVES[match[2].casefold()])} {match[3]}"
    if (match := _IN.fullmatch(text)) and not _CHANCE.isdisjoint(asked):
        yield f"{match[1]}/{match[2]}"
    if (match := _OF_PARTS.fullmatch(text)) and "fraction" in asked:
        yield f"{match[1]}/{match[2]}"
    if not {"factor", "times"}.isdisjoint(asked) and (match := _FOLD.fullmatch(text)):
        yield match[1] or str(_TIMES_AS[match[2].casefold()])
    if (match := _CHANGE_OF.search(text)) and _same_way(match[1].casefold(), text, asked):
        yield match[2]
    if "or" in asked and (joined := _OR.sub(_as_asked(asked), text)) != text:
        yield joined
    if match := _REASONED.fullmatch(text):
        yield match[1]
    if match := _BELOW_ZERO.fullmatch(text):
        yield f"-{match[1]} {match[2]}"
    if (joined := _PREFIXED.sub(r"\1", text)) != text:
        yield joined
    if "points" in asked and "percentage" in asked and (share := _POINTS.sub(" %", text)) != text:
        yield share
        yield share.rsplit("=", 1)[-1].strip() if share.count("=") == 1 else ""
    if _DIGITS.fullmatch(text) and {"number", "digits", "written", "code", "shown", "reads", "display"} & set(asked):
        yield text.replace(" ", "")  # as it stands in the picture
    if {"smallest", "minimum", "least", "fewest", "lowest", "minimal"} & set(asked) and (match := _LEAST.match(text)):
        yield text[match.end() :]
    if {"largest", "maximum", "most", "greatest", "highest", "maximal"} & set(asked) and (match := _MOST.match(text)):
        yield text[match.end() :]


def _same_way(noun: str, text: str, asked: Sequence[str]) -> bool:
    """Whether a change goes the way that the question asks for."""
    ways = {way for way, words in _WAYS.items() if words.search(" ".join(asked))}
    said = {way for way, words in _WAYS.items() if words.search(text)}
    return bool(ways) and said <= ways | {"difference"} and (noun == "difference" or noun in text.casefold())


def _as_asked(asked: Sequence[str]) -> Callable[[re.Match[str]], str]:
    """Writes "and" for an "or" that stands in the question between the same two words."""
    triples = set(zip(asked, asked[1:], asked[2:], strict=False))

    def written(match: re.Match[str]) -> str:
        repeated = (match[1].casefold(), "or", match[2].casefold()) in triples
        return f"{match[1]} and {match[2]}" if repeated else match[0]

    return written


def _count(text: str) -> Fraction:
    if text.isdecimal():
        return Fraction(text)
    word = number_words.parse(text)
    return word.value if word is not None else Fraction(1)
