"""Words that are one answer in two writings: accents, a noun's number, joined words, short names of days.

Belongs here: the few tables, and comparing two short texts by them. Does not belong here: sentences (text_prose.py),
translation: a reply in another language than the gold is for the judge.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from wethink_assets.rewards.units import singular

MAX_CHARS = 80
_MONTHS = "january february march april may june july august september october november december".split()
_ELEMENTS = {
    pair.partition(":")[0]: pair.partition(":")[2]
    for pair in (
        "sodium:na iron:fe copper:cu gold:au silver:ag lead:pb chlorine:cl calcium:ca magnesium:mg aluminum:al zinc:zn "
        "mercury:hg tin:sn nickel:ni silicon:si lithium:li helium:he bromine:br"
    ).split()
}
_SAME = (
    "united states|usa|us|u.s|u.s.a|united states of america|america",
    "united kingdom|uk|u.k|great britain",
    "united arab emirates|uae",
    "european union|eu",
    "south korea|republic of korea",
    "ivory coast|cote d'ivoire",
    "czech republic|czechia",
    "northwest|nw",
    "northeast|ne",
    "southwest|sw",
    "southeast|se",
    "north|n",
    "south|s",
    "east|e",
    "west|w",
    *(f"{d}|{d[:3]}" for d in "monday friday saturday sunday".split()),
    "tuesday|tue|tues",
    "wednesday|wed",
    "thursday|thu|thur|thurs",
    *(f"{m}|{m[:3]}" for m in "january february march april june july august october november december".split()),
    "september|sep|sept",
    "bar chart|bar graph|bar plot",
    "line chart|line graph|line plot",
    "pie chart|pie graph",
    "scatter plot|scatter chart|scatter graph|scatterplot",
    *(f"{m}|{i}月" for i, m in enumerate(_MONTHS, 1)),
    *(f"{name}|{sign}" for name, sign in _ELEMENTS.items()),
    *(f"{s}|{s}天|{s}季" for s in "春夏秋冬"),
    "doctor|dr",
    "soccer|football (soccer)",
    "television|tv",
    "water|h2o",
    "carbon dioxide|co2",
    "street|st",
    "avenue|ave",
    "road|rd",
)
_ALIAS = {writing: group.split("|")[0] for group in _SAME for writing in group.split("|")}
_LATIN_MARK = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")
_LIGATURES = str.maketrans({"æ": "ae", "œ": "oe", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_JOINTS = re.compile(r"(?<=\w)[\s-](?=\w)")
_CHINESE_ENDS = re.compile(r"^(?:在|正在|一[个只条张辆名位座]|这是|是)|(?:的|了|着|地|色的?|中|上)$")
_HAN = re.compile("[\u4e00-\u9fff]{2,}")
_PLURAL_MARK = re.compile(r"(?<=\w)'s\b")


def bare(text: str) -> str:
    """A folded text without the accents of Latin letters."""
    return _LATIN_MARK.sub("", unicodedata.normalize("NFD", text.translate(_LIGATURES)))


@lru_cache(maxsize=8_192)
def same_words(gold: str, reply: str, *, exactly: bool = False) -> bool:
    """Whether two folded texts are the same words; accents may be left out, but two different ones differ.

    `exactly`: as read from an image, where another number of a noun is another text.
    """
    if gold == reply:
        return True
    if not gold or not reply or max(len(gold), len(reply)) > MAX_CHARS:
        return False
    a, b = bare(gold), bare(reply)
    if a == b:
        return gold == a or reply == b
    if _ALIAS.get(a.strip("."), a) == _ALIAS.get(b.strip("."), b):
        return True
    if _HAN.fullmatch(gold) or _HAN.fullmatch(reply):
        return _stem(gold) == _stem(reply)
    tight = _JOINTS.sub("", a) == _JOINTS.sub("", b)
    if exactly:
        return False
    if tight and len(a) >= 6 and not any(c.isdigit() for c in a):
        return True
    x, y = a.split(), b.split()
    if len(x) == len(y) and len(x[0]) > 5 and x[0].endswith("ing") and y[0].endswith("s"):
        x[0], y[0] = x[0][:-3].rstrip("e"), y[0][:-1].rstrip("e")
        if x[0] == y[0] and x[1:] == y[1:]:
            return True
    words = (
        len(x) == len(y)
        and x[:-1] == y[:-1]
        and all(w.isascii() and w.isalpha() and len(w) > 2 for w in (x[-1], y[-1]))
    )
    return words and singular(x[-1]) == singular(y[-1])


def _stem(text: str) -> str:
    """A Chinese word without a measure word before it and a particle behind it."""
    for _ in range(3):
        shorter = _CHINESE_ENDS.sub("", text)
        if shorter == text or not shorter:
            break
        text = shorter
    return text
