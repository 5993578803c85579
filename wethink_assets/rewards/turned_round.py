"""Relation reversal: a reply that says the right words of the opposite: lower for higher, the y-axis for the x-axis.

Belongs here: pairs of opposites, comparisons whose two sides are exchanged. Does not belong here: other quantities and
things by name (asked_words.py, another_amount.py), yes and no (restated.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

MAX_CHARS = 300
_PAIRS = (
    "higher lower, highest lowest, more fewer, more less, most least, most fewest, larger smaller, largest "
    "smallest, bigger smaller, biggest smallest, greater smaller, greater less, greatest least, greatest smallest, "
    "taller shorter, tallest shortest, longer shorter, longest shortest, older younger, oldest youngest, faster "
    "slower, fastest slowest, brighter darker, brighter dimmer, hotter colder, warmer colder, warmer cooler, "
    "hottest coldest, heavier lighter, heaviest lightest, stronger weaker, strongest weakest, wider narrower, "
    "widest narrowest, deeper shallower, closer farther, closest farthest, nearest farthest, nearest furthest, "
    "earlier later, earliest latest, left right, above below, top bottom, upper lower, inside outside, inner outer, "
    "front back, before after, first last, first second, second third, start end, beginning end, north south, east "
    "west, northern southern, eastern western, x-axis y-axis, x-coordinate y-coordinate, x-intercept y-intercept, "
    "horizontal vertical, row column, maximum minimum, mean median, median mode, numerator denominator, import "
    "export, input output, reactant product, male female, man woman, boy girl, men women, boys girls, men boys, "
    "increase decrease, increasing decreasing, increased decreased, increases decreases, rise fall, rose fell, "
    "rises falls, gain loss, positive negative, odd even, acute obtuse, clockwise counterclockwise, clockwise "
    "anticlockwise, cause effect, open closed, with without, always never, can cannot, buy sell, bought sold, "
    "arrive depart, arrives departs, arrival departure, won lost, winner loser, inhale exhale, day night, summer "
    "winter, morning evening, parallel perpendicular, convex concave, area perimeter, radius diameter, independent "
    "dependent, oxidised reduced, oxidized reduced, anode cathode, solute solvent, artery vein, latitude longitude, "
    "higher below, lower above, over under, above under, correctly incorrectly, safe unsafe, legal illegal, visible "
    "invisible, stable unstable, likely unlikely, possible impossible, regular irregular, ascending descending, "
    "inclusive exclusive"
)
_OPPOSITES: dict[str, set[str]] = defaultdict(set)
for _pair in _PAIRS.split(", "):
    _a, _b = _pair.split()
    _OPPOSITES[_a].add(_b)
    _OPPOSITES[_b].add(_a)
_COMPARATIVES = frozenset(word for word in _OPPOSITES if word.endswith("er") or word in ("more", "less"))
_WORD = re.compile(r"[xyz]-[a-z]+|[a-z]+", re.IGNORECASE)
_SENTENCE = re.compile(r"[.;!?]\s(?=\S)")
_REASON = re.compile(
    r",?\s(?:because|since|as|while|whereas|although|though|compared|unlike|where|whose|which|who|not|rather\sthan|instead\sof)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_DENIED = re.compile(
    r"\b(?:not|no|never|neither|nor|n't|than|isn't|aren't|without)\s(?:the\s|an?\s|any\s)?$", re.IGNORECASE
)
_RIGHT = re.compile(
    r"right\s(?:answer|option|choice|triangle|angle|prism|cone|circular)|\bright(?=[,:.])", re.IGNORECASE
)


def says_the_opposite(text: str, own: str, answer: str, asked: Sequence[str]) -> bool:
    """Whether a reply says its answer of the opposite of what was asked, or of what the answer says.

    `own`: words of the answer and of all options; `answer`: those of the right one alone.
    """
    if len(text) > MAX_CHARS or not asked:
        return False
    said = _SENTENCE.split(_RIGHT.sub(" ", text.casefold()))[-1]
    if (turned := _compared_otherwise(said, asked)) is not None:
        return turned
    if _of_the_compared(said, asked):
        return True
    said = _REASON.sub("", said)
    words = [(m.start(), m[0]) for m in _WORD.finditer(said)]
    named = {word for _, word in words}
    wanted = _wanted(asked)
    kept = set(_WORD.findall(own))
    right = set(_WORD.findall(answer)) if answer.count(" ") > 1 else set[str]()
    for place, word in words:
        opposites = _OPPOSITES.get(word)
        if opposites is None or word in wanted or word in right or _DENIED.search(said[max(0, place - 16) : place]):
            continue
        asks = opposites & wanted if word not in kept else set[str]()
        if (opposite := asks | (opposites & right)) and opposite.isdisjoint(named):
            return True
    return False


def _wanted(asked: Sequence[str]) -> set[str]:
    """Words of a question, those that are written with a hyphen as one: the x-axis."""
    wanted = set(asked)
    for axis in "xyz":
        if axis in wanted:
            wanted |= {f"{axis}-{noun}" for noun in ("axis", "coordinate", "intercept", "value") if noun in wanted}
    return wanted


def _sides(words: Sequence[str]) -> tuple[str, set[str], set[str]] | None:
    """(the comparative, what stands before "than" and behind it) of words that compare two things."""
    if list(words).count("than") != 1:
        return None
    place = list(words).index("than")
    compares = [word for word in words if word in _COMPARATIVES]
    if len(compares) != 1:
        return None
    return compares[0], set(words[:place]), set(words[place + 1 :])


def _compared_otherwise(said: str, asked: Sequence[str]) -> bool | None:
    """Whether a comparison is the question's with its sides or its way exchanged; None where it is another."""
    question, reply = _sides(tuple(asked)), _sides(_WORD.findall(said))
    if question is None or reply is None:
        return None
    same_way = question[0] == reply[0]
    if not same_way and reply[0] not in _OPPOSITES[question[0]]:
        return None
    first, second = question[1] - question[2], question[2] - question[1]
    straight = len(reply[1] & first) + len(reply[2] & second)
    crossed = len(reply[1] & second) + len(reply[2] & first)
    if straight == crossed or not reply[2] & (first | second):
        return None
    return (straight > crossed) != same_way


def _of_the_compared(said: str, asked: Sequence[str]) -> bool:
    """Whether a reply is about the first photo, where the question asks how the second compares with the first."""
    for mark in ("compare", "compared", "relative"):
        if mark not in asked:
            continue
        place = list(asked).index(mark)
        if mark == "relative" and asked[place + 1 : place + 2] != ("to",):
            continue
        before, after = set(asked[:place]), [word for word in asked[place + 1 :] if word not in _EMPTY]
        only = {word for word in after[:2] if word not in before}
        subject = [word for word in asked[max(0, place - 3) : place] if word not in _EMPTY]
        words = set(_WORD.findall(said))
        if only and subject and only <= words and words.isdisjoint(subject[:1] if len(subject) > 1 else subject):
            return re.search(r"\b(?:than|with|to|of)\b", said) is None
    return False


_EMPTY = frozenset("the a an that this of in on at with to it its does do is are was were will one".split())
