"""A period between two moments: 9:00-17:00 and 9 am to 5 pm, July 12-16 and 12 to 16 July.

Belongs here: taking the two ends apart, and whether two periods are the same. Does not belong here: single moments
(dates_times.py), intervals of numbers (intervals.py) and of amounts (measured_range.py).
"""

from __future__ import annotations

import re
from itertools import pairwise

from wethink_assets.rewards import dates_times
from wethink_assets.rewards.dates_times import Moment
from wethink_assets.rewards.normalise import clean

MAX_CHARS = 80
_ENDS = re.compile(
    r"(?:(?:from|between)\s)?([^-~]{1,32}?)\s?(?:-|~|\b(?:to|until|till|through)\b)\s?([^-~]{1,32})", re.I
)
_DAYS_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s?(?:-|to)\s?(\d{1,2}(?:st|nd|rd|th)?)\s([A-Za-z]{3,9}.{0,6})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9}\.?)\s(\d{1,2})(?:st|nd|rd|th)?\s?(?:-|to)\s?(\d{1,2})(?:st|nd|rd|th)?")
_LEAD = re.compile(r"^(?:from|between)\s", re.IGNORECASE)

Period = tuple[tuple[Moment, str], tuple[Moment, str]]


def parse(text: str) -> Period | None:
    """Both ends, each with how it is written; None for any other text."""
    text = clean(text)
    if len(text) > MAX_CHARS:
        return None
    bare = _LEAD.sub("", text)
    if match := _DAYS_FIRST.fullmatch(bare):
        ends = (f"{match[1]} {match[3]}", f"{match[2]} {match[3]}")
    elif match := _MONTH_FIRST.fullmatch(bare):
        ends = (f"{match[1]} {match[2]}", f"{match[1]} {match[3]}")
    elif match := _ENDS.fullmatch(text):
        ends = (match[1], match[2])
    else:
        return None
    moments = [dates_times.parse(end, spoken=any(map(str.isdigit, text))) for end in ends]
    if any(moment is None for moment in moments) or any(a[0] != b[0] for a, b in pairwise(filter(None, moments))):
        return None
    first, last = (moment for moment in moments if moment is not None)
    return (first, ends[0]), (last, ends[1])


def same(gold: Period, reply: Period) -> bool:
    """Whether both ends are the same; beside an end past noon, 8:00 is in the morning."""
    if any(moment[0] == "time" and int(moment[1] or 0) > 12 for moment, _ in gold):
        return all(a[0][:4] == b[0][:4] for a, b in zip(gold, reply, strict=True))
    return all(dates_times.same(a[0], b[0], a[1], b[1]) for a, b in zip(gold, reply, strict=True))
