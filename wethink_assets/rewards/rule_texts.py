"""Whether a reply gives a text: words, or a free-form answer.

Belongs here: comparing words. Does not belong here: two spellings of one word (spelling.py), text that is read from an
image (rule_ocr.py), grading descriptions (judge.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from wethink_assets.rewards import accounted, asked_words, codes, dates_times, moment_ranges, read_texts, text_prose
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.normalise import clean, without_lead_in
from wethink_assets.rewards.same_words import same_words
from wethink_assets.rewards.spelling import plainly, typeset
from wethink_assets.rewards.units import singular
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION, UNKNOWN, Verdict, offers_several, readings


def text_rule(gold: TypedAnswer, text: str) -> Verdict:
    gold_text = plainly(gold.raw)
    if codes.is_another(clean(gold.raw), text, gold.asked):
        return Verdict.WRONG
    if gold.asked and asked_words.whole_of_another(text, gold.raw, gold.asked):
        return Verdict.WRONG
    if gold.asked and gold_text in _COLOURS and _of_another_thing(text, gold.asked):
        return Verdict.WRONG
    if _ratio(gold_text) and names_turned(text, gold.asked):
        return Verdict.WRONG  # "girls to boys" where boys to girls is asked for
    if any(gold_text in (plainly(reading), _bare(reading, gold.raw)) for reading in readings(text)):
        return Verdict.CORRECT
    if not offers_several(text) and any(
        same_words(gold_text, plainly(typeset(reading)), exactly=gold.type == AnswerType.OCR)
        for reading in readings(text)
    ):
        return Verdict.CORRECT
    if ((ratio := _ratio(gold_text)) and {"ratio", "proportion"} & set(gold.asked)) or (
        ratio and "比" in "".join(gold.asked)
    ):
        replied = [r for reading in readings(text) if (r := _ratio(plainly(reading).replace("/", ":")))]
        if replied:
            return Verdict.CORRECT if replied[-1] == ratio else Verdict.WRONG
    if (
        (match := _SURNAME_FIRST.fullmatch(text))
        and clean(gold.raw).istitle()
        and (plainly(turned := f"{match[2]} {match[1]}") == gold_text or read_texts.same(gold.raw, turned))
    ):
        return Verdict.CORRECT
    moment = None if _is_of_another_event(text, gold.asked) else dates_times.parse(gold.raw)
    if moment is not None and not HEDGE.search(text):
        for reading in readings(text):
            if (replied := dates_times.parse(reading, spoken=True, like=gold.raw)) is not None:
                return Verdict.CORRECT if dates_times.same(moment, replied, gold.raw, reading) else Verdict.WRONG
    if any(codes.same(clean(gold.raw), reading) for reading in readings(text)):
        return Verdict.CORRECT
    if not HEDGE.search(text) and (period := moment_ranges.parse(gold.raw)) is not None:
        for reading in readings(text):
            if (lasted := moment_ranges.parse(reading)) is not None:
                return Verdict.CORRECT if moment_ranges.same(period, lasted) else Verdict.WRONG
    if (match := _DOES.fullmatch(text)) and _does_so(gold_text, match[1].casefold()):
        return Verdict.CORRECT
    if gold_text.removeprefix("it ") == plainly(text):
        return Verdict.CORRECT
    if "where" in gold.asked and _BEFORE_PLACE.sub("", gold_text) == _ARTICLE.sub("", plainly(text)):
        return Verdict.CORRECT
    if _ARTICLE.sub("", gold_text) == _ARTICLE.sub("", reply_text := plainly(text)) and gold.type != AnswerType.OCR:
        return Verdict.CORRECT
    if gold.type != AnswerType.OCR and (match := _NOT_ANOTHER.fullmatch(text)):
        said, other = plainly(without_lead_in(match[1])), plainly(match[2])
        if same_words(gold_text, said) and gold_text not in other:
            return Verdict.CORRECT
    if not offers_several(text) and any(read_texts.same(gold.raw, reading) for reading in readings(text)):
        return Verdict.CORRECT
    if _emphasised(text) == gold_text or _head(gold.raw) == plainly(text):
        return Verdict.CORRECT
    if (
        (gold.asked[:1] == ("who",) or (gold.asked[:1] == ("which",) and gold.asked[1:2] and gold.asked[1] in _PEOPLE))
        and gold.type != AnswerType.OCR
        and _surname(gold_text, plainly(text))
    ):
        return Verdict.CORRECT
    if moment is not None and not HEDGE.search(text):
        found = dates_times.mentioned(text, str(moment[0]), gold.asked)
        if len(found) == 1:
            return Verdict.CORRECT if found == {moment} else Verdict.WRONG
    named = f" {gold_text} " in f" {reply_text} " if gold_text.isascii() else gold_text in reply_text
    if named and HEDGE.search(text) and not HEDGE.search(gold.raw):
        return Verdict.HEDGED
    if (
        not HEDGE.search(text)
        and not HEDGE.search(gold.raw)
        and text_prose.says(gold.raw, typeset(text), gold.asked, strict=gold.type == AnswerType.OCR)
    ):
        return Verdict.CORRECT
    return Verdict.UNPARSEABLE if UNKNOWN.search(text) else Verdict.WRONG


_NOT_ANOTHER = re.compile(
    r"([^,;.()]{1,60}?)(?:,|;)?\s\(?(?:not|rather than|instead of)\s((?:[^\s,;.()]+\s?){1,4})\)?", re.IGNORECASE
)
# "It decreases." for decreasing
_DOES = re.compile(
    r"(?:it|they|he|she|the [a-z]{2,20}) (?:is |are |was |were |has been |have been |has |have )?([a-z]{4,20})",
    re.IGNORECASE,
)


def _does_so(gold: str, verb: str) -> bool:
    return gold.endswith("ing") and gold.isalpha() and asked_words.stem(gold) == asked_words.stem(verb)


_BEFORE_PLACE = re.compile(r"^(?:on|in|at)\s(?:the\s|an?\s)?")
_ARTICLE = re.compile(r"(?<![^\W])(?:the|an?)\s(?=\w{2})")


_CALENDAR = re.compile(
    r"(?<=\d)(?:st|nd|rd|th)\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|[a-z]{3,6}day|noon|midnight"
    r"|morning|afternoon|evening|night|half|quarter|past|to|o'clock|am|pm|a\.m|p\.m|[a-z]{3}\.|date|time|day|clock)\b",
    re.IGNORECASE,
)


def _is_of_another_event(text: str, asked: Sequence[str]) -> bool:
    """Whether a sentence dates something else: when the bus leaves, for the train."""
    one_clause = len(asked_words.clause(text, (0, 0))) >= len(text) - 1
    return one_clause and len(text.split()) > 3 and accounted.has_strange_words(_CALENDAR.sub(" ", text), asked)


_COLOURS = frozenset("red orange yellow green blue purple violet pink brown black white gray gold silver".split())
_THING = re.compile(
    r"the (?:[a-z]{2,20}'s )?([a-z]{3,20})"
    r"(?: (?:on|in|at|near|with|behind|beside) (?:the|his|her) [a-z]{3,20})? (?:is|are) ",
    re.IGNORECASE,
)


def _of_another_thing(text: str, asked: Sequence[str]) -> bool:
    """Whether a colour is said of something that the question does not name: the door for the roof."""
    match = _THING.match(text)
    known = {*asked, "color", "colour", "answer", "object", "thing", "item"}
    return match is not None and singular(match[1].casefold()) not in {singular(w) for w in known}


_TO = re.compile(r"\b([a-z]{3,20})s? to (?:the )?([a-z]{3,20})\b", re.IGNORECASE)


def names_turned(text: str, asked: Sequence[str]) -> bool:
    """Whether a reply names the two parts of a ratio the other way round than the question."""
    match = _TO.search(text)
    places = [asked.index(w.casefold()) for w in match.groups() if w.casefold() in asked] if match else []
    return len(places) == 2 and places[0] > places[1]


def _ratio(text: str) -> Fraction | None:
    match = _TWO_PARTS.fullmatch(text.strip())
    return Fraction(match[1]) / Fraction(match[2]) if match and Fraction(match[2]) else None


_TWO_PARTS = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s?:\s?(\d{1,9}(?:\.\d{1,6})?)")
_PEOPLE = frozenset(
    "player author artist painter composer scientist president candidate driver athlete singer actor".split()
)
_SURNAME_FIRST = re.compile(r"([^\W\d_]{2,30}), ([^\W\d_]{2,30}(?: [^\W\d_]\.?)?)")
_EMPHASIS = re.compile(r"\*\*([^*]{1,120})\*\*|(?<!\w)\"([^\"]{1,120})\"|(?<!\w)'([^']{1,120})'(?!\w)")
_UNIT_BRACKET = re.compile(r"\s\([^()]{1,20}\)$")


def _emphasised(text: str) -> str:
    """The one part of a sentence in bold or quotation marks, where the sentence denies nothing."""
    found = {(m[1] or m[2] or m[3]).strip() for m in _EMPHASIS.finditer(text)}
    first = next(_EMPHASIS.finditer(text), None)
    placed = first is not None and _BESIDE_OR_BUT.search(text[: first.start()])
    plain = (
        len(found) == 1
        and not placed
        and not NEGATION.search(text)
        and not HEDGE.search(text)
        and not DENIED.search(text)
    )
    return plainly(found.pop()) if plain and _SAYS.search(text) else ""


_BESIDE_OR_BUT = re.compile(
    r"^nothing\b|\bbut\s|\b(?:below|above|beneath|under|underneath|beside|next to|behind|opposite|before|after"
    r"|near)\s(?:the\s(?:\w+\s)?)?$",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\b(?:reads?|says?|is|are|written|answer|word|shows?|named|called)\b|写着|答案|是", re.IGNORECASE)


def _head(gold: str) -> str:
    """A gold without the unit in its bracket: temperature (°C)."""
    text = clean(gold)
    return plainly(_UNIT_BRACKET.sub("", text)) if _UNIT_BRACKET.search(text) else "\0"


def _surname(gold: str, reply: str) -> bool:
    """Whether a reply is the end of a person's name, in two words at least or the last of two."""
    words = gold.split()
    return len(words) > 1 and len(reply) > 3 and any(reply == " ".join(words[i:]) for i in range(1, len(words)))


# What may stand before a word that was asked for: "on the left", 一个正方形. Where the answer has it itself it counts.
_PLACED = re.compile(
    r"(?:(?:on|in|at|to|towards?)\s(?:the\s)?|(?:这|那|它)?是?一[个只条张朵辆座位名])(?=\S)", re.IGNORECASE
)
_SIDE = re.compile(r"\s(?:hand\s)?side$")


def _bare(reading: str, gold: str) -> str:
    """The reply without a preposition or measure word that the gold has not."""
    gold = clean(gold)
    if (match := _PLACED.match(reading)) is None or _PLACED.match(gold):
        return ""
    rest = plainly(reading[match.end() :])
    return _SIDE.sub("", rest) if match[0].isascii() and not _SIDE.search(gold) else rest


def free_form(gold: TypedAnswer, text: str) -> Verdict:
    """Word for word is right; all else is for the judge."""
    return Verdict.CORRECT if plainly(gold.raw) == plainly(text) else Verdict.UNPARSEABLE
