"""The one number that a sentence gives: its value among years, parts of a computation, other amounts, denied numbers.

Belongs here: which number is given, what touches it and makes another amount of it. Does not belong here: finding
numbers (number_mentions.py), numbers of another thing (another_amount.py), readings of a whole reply as one value
(rule_numbers.py).

Several numbers of one standing are never right: which is meant would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from wethink_assets.rewards import accounted, another_amount, asked_words, number_mentions, number_words, surds
from wethink_assets.rewards.normalise import plain_thousands
from wethink_assets.rewards.number_mentions import MENTION, YEAR, Mention
from wethink_assets.rewards.scalars import Scalar, same
from wethink_assets.rewards.statements import Stance
from wethink_assets.rewards.unit_conversion import conversion
from wethink_assets.rewards.verdict import BOUND, CHANGED_AFTER, CHANGED_BEFORE, HEDGE, NEGATION, UNKNOWN, Verdict

MAX_MENTIONS = 24
MAX_REPEATS = 3  # a sentence may say its number again; a flood of it says nothing
_ASIDE = re.compile(
    r"\s\((?![^()]{0,80}\b(?:or|not|maybe|false|wrong|incorrect|no"
    r"|error)\b)(?=[^()]{0,80}[A-Za-z\u4e00-\u9fff]|\d{4}\))[^()]{1,80}\)",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"\s?(?:\band\b|&|\bplus\b|和|与)|\s?[A-Za-z]*\s?(?:\band\b|&|\bplus\b|和|与)\s?(?:a\s|an\s|another\s|\d|half)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}:\d\d?")
_CODE = re.compile(r"[{}\[\]|`_\\]|\w\(|&&|\bif\b")
_GLUED = re.compile(r"(?:[A-Za-z.<>≤≥≠±~^*/\\]|\bno\.\s?)$", re.IGNORECASE)
_OF_YEAR = re.compile(
    r"(?:\b(?:in|of|for|since|by|until|during|from|to|between|and|year|than|until)\s|[(,]\s?|年?)$", re.IGNORECASE
)
_IN_YEAR = re.compile(r"\b(?:in|during|since|year|by|was)\s$", re.IGNORECASE)
_RANGE = re.compile(r"\s?(?:-|–|~|\bto\b|到|至)\s?[$€£]?\d", re.IGNORECASE)
_STATED = re.compile(
    r"(?:[=:≈]|\b(?:is|are|was|were|equals?|be|about|approximately|measures?|of|at)|是|为)\s?$", re.IGNORECASE
)
_AFTER_BOUND = re.compile(
    r"\s?(?:[A-Za-z%°]{1,15}\s)?(?:at\s(?:most|least|best|minimum|maximum)|or\s(?:more|less|fewer"
    r"|greater|higher|lower|above|below|over|under"
    r"|so|larger|smaller|up|thereabouts|even)|and\s(?:more|above|up|over|counting|below|under|change"
    r"|something)|max(?:imum)?\b|min(?:imum)?\b|tops\b|plus\b|-?ish\b|-?odd\b"
    r"|以上|以下|以内|左右以|个?以上|个?以下|以外|余|多个)",
    re.IGNORECASE,
)
_CHANGED_TO = re.compile(
    r"\b(?:rose|rises?|rising|increas\w+|grew|grows?|went|goes|fell|falls?|dropped|drops?|decreas\w+|declin\w+|changed|moved|jumped"
    r"|climbed)\s(?:\w+\s){0,2}from\s[^,;]{1,40}?\sto\s(?:\w{3,10}\s)?[$€£]?$",
    re.IGNORECASE,
)
_EACH = re.compile(r"\s?\w{0,12}\s(?:each|apiece|every)\b", re.IGNORECASE)
_OF_WHICH = re.compile(
    r"[,;] (?:and )?(?:only )?(?:\w+ )?of (?:which|whom|them)\b", re.IGNORECASE
)  # "3 zebras, 2 of which drink"
_DOUBTED = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|mistaken|ruled out|excluded|impossible|withdrawn|retracted|invalid|rejected"
    r"|eliminated|discarded|out of the question|not)\b|错|不对|不是|排除|除外",
    re.IGNORECASE,
)


_LEFT_OUT = re.compile(r"\b(?:except|apart from|but one|minus one|besides)\b|除了", re.IGNORECASE)


def given(gold: Scalar, text: str, tolerance: float, asked: Sequence[str] = ()) -> Verdict:
    """The verdict on a sentence around numbers. `asked` are the question's words and numbers, which it may repeat."""
    text = plain_thousands(text)
    if "many" in asked and _NONE.match(text):
        return Verdict.CORRECT if not gold.value else Verdict.WRONG
    if _NEVER.search(text):
        return Verdict.UNPARSEABLE
    if HEDGE.search(text):
        return Verdict.HEDGED if MENTION.search(text) else Verdict.UNPARSEABLE
    bare = _ASIDE.sub("", text)
    text = bare if MENTION.search(bare) or number_words.MENTION.search(bare) else text
    found = number_mentions.find(text)
    if not found or UNKNOWN.search(text):
        return Verdict.UNPARSEABLE
    if text.count("=") > 1 and (last := _last_equation(text, asked)) is not None:
        text, found = last, number_mentions.find(last)
    if clocks := [m.span() for m in _CLOCK.finditer(text)][:MAX_MENTIONS]:
        found = [m for m in found if not any(a <= m.span[0] < b for a, b in clocks)]
        if not found:
            return Verdict.WRONG
    if another_amount.is_turned(text, asked):
        return Verdict.UNPARSEABLE
    if (flood := _flood(text, found)) is not None:
        return flood
    standing = number_mentions.standing(text, found)
    kept = [(m, s) for m, s in zip(found, standing, strict=True) if s > Stance.OPEN]
    if not kept:
        return Verdict.UNPARSEABLE
    kept = _about(gold, text, kept, asked)
    if not kept:
        return Verdict.WRONG
    chosen, counted = _chosen(text, kept, asked)
    if any(not same(chosen[0].scalar, m.scalar) for m in chosen[1:]):
        return Verdict.WRONG
    denied = [m for m, s in zip(found, standing, strict=True) if s is Stance.DENIED]
    if any(same(m.scalar, chosen[0].scalar) for m in denied):
        return Verdict.UNPARSEABLE
    best = max(s for m, s in kept if m in chosen)
    return _as_given(gold, text, tolerance, asked, chosen, best, counted=counted)


def _last_equation(text: str, asked: Sequence[str]) -> str | None:
    """The last of several equations between numbers, 15 - 8 = 7, or of "At x = 6, y = 18" that of what is asked for."""
    parts = re.split(r",\s(?:and\s|so\s|then\s)?|;\s|\sand\s", text)
    if len(parts) < 2 or not all("=" in part for part in parts) or NEGATION.search(text):
        return None
    if all(_NUMERIC.fullmatch(part.strip()) for part in parts):
        return parts[-1]
    named = [m[1] for part in parts if (m := _AT_VALUE.fullmatch(part.strip()))]
    wanted = [w for w in named if w in asked]
    if len(named) == len(parts) == 2 and len(set(named)) == 2 and text[:3].casefold() == "at " and wanted:
        return parts[-1]
    return None


_NUMERIC = re.compile(r"[\d\s.+\-*/^()=×÷·%]{3,80}")
_AT_VALUE = re.compile(r"(?:[Aa]t\s)?([a-z])\s?=\s?-?\d[\d.]{0,9}")


def _flood(text: str, found: Sequence[Mention]) -> Verdict | None:
    """The verdict on a text of too many numbers, or of one number again and again: "7 7"."""
    several = len({m.text for m in found}) > 1
    if len(found) > MAX_MENTIONS or max(sum(m.text == n.text for n in found) for m in found) > MAX_REPEATS:
        return Verdict.WRONG if several else Verdict.UNPARSEABLE
    if not several and any(
        a.text == b.text and not any(map(str.isalpha, text[a.span[1] : b.span[0]])) and "=" not in text
        for a, b in pairwise(found)
    ):
        return Verdict.UNPARSEABLE
    return None


def _chosen(text: str, kept: Sequence[tuple[Mention, Stance]], asked: Sequence[str]) -> tuple[list[Mention], bool]:
    """(the mentions that may be what is given, whether one stands before the very noun that is counted)."""
    best = max(s for _, s in kept)
    chosen = [m for m, s in kept if s is best]
    if counted := _of_noun(text, [m for m, _ in kept], asked):
        chosen = counted
    chosen = [m for m in chosen if _TOTAL.search(text[: m.span[0]])] or chosen
    if _differ(chosen) and best < Stance.FINAL:
        picked = asked_words.most_of_it(text, [m.span for m in chosen], asked)
        chosen = [chosen[i] for i in picked] or chosen
    if _differ(chosen) and best is Stance.SAID:
        chosen = _of_last_sentence(text, chosen) or chosen
    return chosen, bool(counted)


def _differ(mentions: Sequence[Mention]) -> bool:
    return any(not same(mentions[0].scalar, m.scalar) for m in mentions[1:])


def _as_given(
    gold: Scalar,
    text: str,
    tolerance: float,
    asked: Sequence[str],
    chosen: Sequence[Mention],
    stance: Stance,
    *,
    counted: bool,
) -> Verdict:
    """The verdict on the chosen mentions, all of one value, by what touches them and what they are said of."""
    if not all(_plainly_given(text, m, _TIMES if "times" in asked else None) for m in chosen):
        return Verdict.UNPARSEABLE
    if another_amount.is_a_part(text, asked):
        return Verdict.WRONG
    if all(asked_words.other_object(asked_words.clause(text, m.span), asked) for m in chosen):
        return Verdict.WRONG
    if (
        not {"many", "factor"}.isdisjoint(asked)
        and chosen[-1].scalar.unit
        and chosen[-1].scalar.unit.is_percent
        and not gold.unit
    ):
        return Verdict.WRONG  # "chosen by 12 %" is no number of students
    if stance is Stance.SAID and all(
        accounted.has_strange_words(asked_words.clause(text, m.span), asked) for m in chosen
    ):
        return Verdict.WRONG
    last = chosen[-1]
    if gold.unit and not gold.unit.is_counted and last.scalar.unit is None:
        stated = _STATED.search(text[: last.span[0]]) is not None
        if text[last.span[1] :].strip(" .!") or not stated:
            return Verdict.UNPARSEABLE  # "Monday, May 15" is not 15 minutes
    if not counted and any(
        _JOINED.match(text[m.span[1] :]) and not (gold.unit or YEAR.fullmatch(m.text)) for m in chosen
    ):
        return Verdict.WRONG  # "volume 2 and the atlas" is not 2
    return Verdict.CORRECT if same(gold, last.scalar, tolerance) else Verdict.WRONG


_SENTENCE = re.compile(r"[.!?]\s(?=[A-Z])")
_TOTAL = re.compile(
    r"(?:\b(?:total|sum|altogether|together)\s(?:of|is|makes?|gives?|comes\sto)?|\badd(?:s|ed|ing)?\sup\sto)\s?[$€£]?$",
    re.IGNORECASE,
)


def _of_last_sentence(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Those of the last of several sentences."""
    last = max((m.end() for m in _SENTENCE.finditer(text)), default=0)
    return [m for m in mentions if m.span[0] >= last] if last else []


_COUNTED = re.compile(r"\s([a-z]{3,20})(?:\s(?!and\b|are\b|plus\b)([a-z]{3,20}))?\b", re.IGNORECASE)
_PAIRED = re.compile(r"\s?(?:,|\band\b|,\sand\b|\bare\b|\bplus\b|[.!]?$)", re.IGNORECASE)


def _of_noun(text: str, mentions: Sequence[Mention], asked: Sequence[str]) -> list[Mention]:
    """Of a list of counts, each before its noun, the one of the noun that is asked for: "8 protons and 9 neutrons"."""
    place = next((i for i in range(len(asked) - 2) if asked[i : i + 2] == ("how", "many")), None)
    if place is None:
        return []
    nouns, found = [asked_words.stem(w) for w in asked[place + 2 : place + 4]], []
    for mention in mentions:
        match = _COUNTED.match(text, mention.span[1])
        if match is None or not _PAIRED.match(text, match.end()):
            return []
        said = [asked_words.stem(w.casefold()) for w in match.groups() if w]
        if said == nouns[: len(said)] or said[-1] == nouns[0]:
            found.append(mention)
    return found if len(found) == 1 else []


_NONE = re.compile(
    r"(?:there\s(?:are|is|were|was)\s)?(?:no|not\sany|none\sof\sthe)\s(?!doubt|idea|answer"
    r"|information|comment|way|need|one\b|clue|data|more"
    r"|less|fewer|matter|image)[A-Za-z]{2,20}\b(?!\.\s?\d)[^\d,;]*(?:\d+[^\d,;]*)?$|(?:none|zero|nil"
    r"|nothing|没有|无|一个(?:也|都)没有)\W*$",
    re.IGNORECASE,
)
_NEVER = re.compile(r"≠|!=|\\ne(?![a-z])|<!--|&&|__|box\{|\belse\b|\bimport\b|\w\(['\")]")


def _about(
    gold: Scalar, text: str, kept: list[tuple[Mention, Stance]], asked: Sequence[str]
) -> list[tuple[Mention, Stance]]:
    """Those that can be what was asked for: neither a year nor a number of the question, in a unit "
    "of the gold's kind."""
    if gold.unit and not gold.unit.is_counted:
        fitting = [(m, s) for m, s in kept if m.scalar.unit and conversion(m.scalar.unit, gold.unit) is not None]
        kept = fitting or [(m, s) for m, s in kept if m.scalar.unit is None or m.scalar.unit.is_counted] or kept
    kept = [(m, s) for m, s in kept if not another_amount.of_another(text, m, asked)]
    new = [(m, s) for m, s in kept if not number_mentions.repeats_question(text, m, asked)]
    kept = new or kept
    year = gold.unit is None and (number := surds.rational(gold.value)) is not None and 1500 <= number <= 2100
    if year and "year" in asked:
        kept = [(m, s) for m, s in kept if YEAR.fullmatch(m.text)] or kept
    if year:
        kept = [(m, s) for m, s in kept if YEAR.fullmatch(m.text) and _IN_YEAR.search(text[: m.span[0]])] or kept
    else:
        kept = [(m, s) for m, s in kept if not (YEAR.fullmatch(m.text) and _OF_YEAR.search(text[: m.span[0]]))] or kept
    return kept


_TIMES = re.compile(r"^\s?times\b")


def _plainly_given(text: str, mention: Mention, changed: re.Pattern[str] | None = None) -> bool:
    """Whether nothing that touches the number makes another of it: v7, at least 7, half of 7, 7 or more, 7 is wrong."""
    start, end = mention.span
    before, after = text[:start], text[end:]
    around = before[-24:] + text[start : end + 12]
    bound = any(m.start() < len(before[-24:]) + 1 and m.end() >= len(before[-24:]) for m in BOUND.finditer(around))
    sentence_end = re.search(r"[.;!?]\s|$", after)
    rest = after[: sentence_end.start() if sentence_end else None]
    return not (
        bound
        or _AFTER_BOUND.match(after)
        or _RANGE.match(after)
        or (re.search(r"\d\s?(?:-|–|~|\bto\b|到|至)\s?[$€£]?$", before) and not _CHANGED_TO.search(before[-90:]))
        or CHANGED_BEFORE.search(before)
        or (CHANGED_AFTER.match(after) and not (changed and changed.search(after)))
        or _GLUED.search(before)
        or _CODE.search(text[max(0, start - 3) : end + 3])
        or _EACH.match(after)
        or _OF_WHICH.search(rest)
        or _LEFT_OUT.search(rest)
        or (_DOUBTED.search(rest) and not re.search(r"\d", rest))
    )
