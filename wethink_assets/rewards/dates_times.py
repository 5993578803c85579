"""Days and clock times in their writings: July 4, 1776 and 1776-07-04, half past three and 3:30, 10 p.m. and 22:00.

Belongs here: reading a whole text as one of them, in English and Chinese. Does not belong here: durations
(compound_units.py), years alone (they are numbers), finding one in a sentence (verdict.readings). 04/07/1776 is two
days, by country, and is read as none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from wethink_assets.rewards import asked_words, number_words
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.statements import Stance, stances
from wethink_assets.rewards.verdict import CHANGED_BEFORE

Moment = tuple[str | int | bool | None, ...]

MAX_CHARS = 60
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = {name[:n]: i for i, name in enumerate(_MONTHS, 1) for n in (3, len(name))} | {"sept": 9}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_WEEKDAY = re.compile(r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|星期[一二三四五六日天])\s?,?\s?")
_BEFORE = re.compile(r"(?:on|at|in)\s(?:the\s)?|the\s")
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{3,4})"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<month>{_NAMES})\.?\s?{_DAY}(?:,?\s{_YEAR}|,{_YEAR.replace('year', 'year2')})?",
        rf"{_DAY}\s(?:of\s)?(?P<month>{_NAMES})\.?(?:,?\s{_YEAR})?",
        rf"(?P<month>{_NAMES})\.?,?\s(?:of\s)?(?P<year>\d{{4}})",
        rf"{_YEAR}\s?([-/.])\s?(?P<month>\d{{1,2}})\s?\2\s?{_DAY}",
        rf"{_YEAR}\s?年\s?(?P<month>\d{{1,2}})\s?月(?:\s?{_DAY}\s?[日号])?",
        r"(?P<one>\d{1,2})([-/.])(?P<other>\d{1,2})\2(?P<year>\d{4})",
        r"(?P<month>\d{1,2})/(?P<year>\d{4})",
        rf"(?P<month>\d{{1,2}})\s?月\s?{_DAY}\s?[日号]",
    )
)
_HALVES = {"上午": "am", "早上": "am", "凌晨": "am", "下午": "pm", "晚上": "pm", "傍晚": "pm", "中午": "pm"}
_HALF = r"(?P<half>a\.?m\.?|p\.?m\.?)"
_CLOCKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<zh>上午|早上|凌晨|下午|晚上|傍晚|中午)?\s?(?P<hour>\d{{1,2}})[:：h](?P<minute>\d\d)(?::(?P<second>\d\d))?(?:\s?{_HALF})?",
        rf"(?P<hour>\d{{1,2}})\.(?P<minute>\d\d)\s?{_HALF}",
        rf"(?P<hour>\d{{1,2}})(?:\s?o'?clock)?\s?{_HALF}",
        r"(?P<hour>\d{1,2})\s?o'?clock",
        r"(?P<zh>上午|早上|凌晨|下午|晚上|傍晚|中午)?\s?(?P<hour>\d{1,2}|[一二两三四五六七八九十]{1,2})[点时](?:整|(?P<part>半|一刻|三刻)|(?P<minute>\d{1,2}|[一二三四五六七八九十]{1,3})分?)?",
    )
)
_NUMBER = r"[a-z]{2,9}(?:[ -][a-z]{3,5})?"
_SPOKEN = (
    re.compile(
        rf"(?P<part>half|(?:a\s)?quarter|\d{{1,2}}|{_NUMBER})(?:\sminutes?)?\s(?P<way>past|after|to)\s(?P<hour>[a-z]{{3,6}}|\d{{1,2}})(?:\so'?clock)?"
    ),
    re.compile(rf"(?P<hour>[a-z]{{3,6}})(?:\s(?P<part>{_NUMBER}))?(?:\so'?clock)?"),
)
_PART_OF_DAY = re.compile(r"\s(?:in the (morning|afternoon|evening)|at (night)|uhr)$")
_HALF_SAID = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
_SLASHED = re.compile(r"(0?[1-9]|1[0-2])/(\d{1,2})/(\d{4})")
_NAMED_MONTH = re.compile(rf"(?:{_NAMES})\b")
_FOUND = re.compile(
    rf"\b(?:(?:{_NAMES})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_NAMES})(?:,?\s\d{{4}})?"
    rf"|(?:{_NAMES})\s\d{{4}}|\d{{4}}-\d\d?-\d\d?|\d{{1,2}}/\d{{1,2}}/\d{{4}}|\d{{1,2}}/\d{{4}}"
    rf"|\d{{1,2}}:\d\d(?!\d)(?::\d\d)?(?:\s?[ap]\.?m\b\.?)?|\d{{1,2}}\s?[ap]\.?m\b\.?)"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}[日号])?|(?:上午|下午|晚上|早上)?\d{1,2}[点:]\d{0,2}(?!\d)分?",
    re.IGNORECASE,
)


def mentioned(text: str, kind: str, asked: Sequence[str] = ()) -> set[Moment]:
    """The days (`date`) or clock times (`time`) that a sentence gives, but for what it denies or leaves open."""
    if len(text) > 400:
        return set()
    found = list(_FOUND.finditer(text))
    standing = stances(text, [m.span() for m in found])
    best = max((s for s in standing), default=Stance.OPEN)
    if any(CHANGED_BEFORE.search(text[: m.start()]) for m in found):
        return set()
    if Stance.DENIED in standing or best <= Stance.OPEN:
        return set()
    given = [m for m, s in zip(found, standing, strict=True) if s is best]
    given = [m for m in given if not asked_words.of_another(asked_words.clause(text, m.span()), asked)]
    if len(given) > 1 and (picked := asked_words.most_of_it(text, [m.span() for m in given], asked)):
        given = [given[i] for i in picked]
    moments = {parse(m[0]) for m in given}
    return {m for m in moments if m is not None and m[0] == kind}


def same(gold: Moment, reply: Moment, written: str, replied: str) -> bool:
    """Whether two moments are one; a clock face tells no half of the day, so that 4:20 may be called 4:20 PM."""
    if gold == reply:
        return True
    if (
        gold[0] == reply[0] == "time"
        and not gold[4]
        and _HALF_SAID.search(replied)
        and not written.strip().startswith("0")
    ):
        return (int(reply[1] or 0) % 12, *reply[2:4]) == (int(gold[1] or 0) % 12, *gold[2:4])
    return gold[0] == reply[0] == "time" and not reply[4] and gold[1:4] == reply[1:4]  # 9:30 for 9:30 am


_CHINESE_PARTS = {"半": 30, "一刻": 15, "三刻": 45}


@lru_cache(maxsize=8192)
def parse(text: str, *, spoken: bool = False, like: str = "") -> Moment | None:
    """The day or time that the whole text is, or None; `spoken`: also times in words alone, such as "three thirty".

    `like`: another writing; where it names its month in English, 06/03/2020 is in June.

    Two writings of one moment give equal values. A time without its half of the day equals only another without.
    """
    if len(text) > MAX_CHARS:
        return None
    phrase = _WEEKDAY.sub("", clean(text).casefold(), count=1)
    if match := _BEFORE.match(phrase):
        phrase = phrase[match.end() :]
    if match := _PART_OF_DAY.search(phrase):
        half = "am" if match[1] in ("morning", "am") else "pm"
        phrase = f"{phrase[: match.start()].removesuffix(' oclock').strip()}"
        moment = _clock(phrase) or _in_words(phrase)
        return (
            _time(int(moment[1] or 0), int(moment[2] or 0), 0, half) if moment is not None and not moment[4] else None
        )
    if (match := _SLASHED.fullmatch(phrase)) and _NAMED_MONTH.match(like.casefold().strip()):
        phrase = f"{match[3]}-{match[1]}-{match[2]}"
    return _date(phrase) or _clock(phrase) or (_in_words(phrase) if spoken else None)


def _date(phrase: str) -> Moment | None:
    for pattern in _DATES:
        if match := pattern.fullmatch(phrase):
            fields = match.groupdict()
            if "one" in fields:  # 25/12/1999 and 12/25/1999 can only be one day
                day, month = sorted((int(fields["one"]), int(fields["other"])), reverse=True)
                if day <= 12 and day != month:
                    return None
            else:
                month = _MONTH.get(fields["month"]) or int(fields["month"])
                day = int(fields["day"]) if fields.get("day") else None
            year = fields.get("year") or fields.get("year2")
            if 1 <= month <= 12 and (day is None or 1 <= day <= 31):
                return "date", int(year) if year else None, month, day
    return None


def _clock(phrase: str) -> Moment | None:
    for pattern in _CLOCKS:
        if match := pattern.fullmatch(phrase):
            fields = match.groupdict()
            half = _HALVES.get(fields.get("zh") or "") or (fields.get("half") or "").replace(".", "")
            minute = _CHINESE_PARTS.get(fields.get("part") or "") or _plain(fields.get("minute") or "0")
            return _time(_plain(fields["hour"]), minute, int(fields.get("second") or 0), half)
    return None


def _time(hour: int | None, minute: int | None, second: int, half: str) -> Moment | None:
    if hour is None or minute is None or hour > 24 or minute > 59 or second > 59 or (half and not 1 <= hour <= 24):
        return None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return "time", hour, minute, second, bool(half) or hour > 12 or hour == 0


def _in_words(phrase: str) -> Moment | None:
    if match := _SPOKEN[0].fullmatch(phrase):
        part = 30 if match["part"] == "half" else 15 if match["part"].endswith("quarter") else _plain(match["part"])
        hour = _plain(match["hour"])
        if part is None or hour is None or not 1 <= hour <= 12 or (match["way"] == "to" and part == 30):
            return None
        return _time(hour, part, 0, "") if match["way"] != "to" else _time(hour - 1 or 12, 60 - part, 0, "")
    if match := _SPOKEN[1].fullmatch(phrase):
        hour, minute = _plain(match["hour"]), _plain(match["part"] or "zero")
        if hour is None or not 1 <= hour <= 12 or (match["part"] and (minute or 0) < 10):
            return None  # "nine five" is two numbers
        return _time(hour, minute, 0, "")
    return None


def _plain(text: str) -> int | None:
    """A whole number in digits or words."""
    if text.isdecimal():
        return int(text)
    word = number_words.parse(text)
    return int(word.value) if word is not None and not word.rest and word.value.denominator == 1 else None
