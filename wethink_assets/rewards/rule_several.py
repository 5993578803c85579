"""Whether a reply gives a set, a list or a box.

Belongs here: comparing part by part. Does not belong here: taking texts apart (lists.py, boxes.py), one interval
(rule_intervals.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from wethink_assets.rewards import (
    asked_words,
    enumerated,
    labelled,
    labelled_in_order,
    latex_text,
    list_sentences,
    list_writings,
    lists,
)
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.boxes import intersection_over_union, parse_box
from wethink_assets.rewards.formulas import by_mathematics, looks_mathematical
from wethink_assets.rewards.intervals import bracketed_interval, parse_interval, union
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.rule_intervals import other_variable, same_interval
from wethink_assets.rewards.same_words import same_words
from wethink_assets.rewards.scalars import parse_scalar, same
from wethink_assets.rewards.spelling import plainly
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION, UNKNOWN, Verdict, offers_several, readings


def _item_same(gold: str, reply: str, *, intervals: bool = False) -> bool:
    """Whether two items are the same; `intervals`: the gold joins them by ∪, so that (1, 2) is no point."""
    read = bracketed_interval if intervals else parse_interval
    if (one := read(gold)) and (other := bracketed_interval(reply)):
        return same_interval(one, other) and not other_variable(gold, reply)
    a, b = parse_scalar(gold), parse_scalar(reply)
    if a is not None and b is not None:
        return same(a, b)
    if (a is None) != (b is None):
        return False
    if fold(gold) and (plainly(gold) == plainly(reply) or same_words(plainly(gold), plainly(reply))):
        return True
    x, y = lists.items(gold), lists.items(reply)
    if len(x[0]) > 1 and len(x[0]) == len(y[0]) and x[1] == y[1]:
        return all(_item_same(p, q) for p, q in zip(x[0], y[0], strict=True))
    if looks_mathematical(gold) and looks_mathematical(reply):
        verdict = by_mathematics(gold, reply)
        if verdict in (Verdict.TIMEOUT, Verdict.ERROR):
            raise _UndecidedError(verdict)
        return verdict is Verdict.CORRECT
    return False


def _same_letters(gold: str, reply: str) -> bool:
    return clean(gold) == clean(reply)


class _UndecidedError(Exception):
    """math-verify could not decide about an item, so nothing can be said about the whole."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


def _listing(
    gold: TypedAnswer, text: str, compare: Callable[[list[str], list[str], Callable[[str, str], bool]], bool]
) -> Verdict:
    gold_items = [str(item) for item in gold.value or ()]
    if not gold_items and lists.is_empty_set(clean(gold.raw)):
        none = any(map(lists.is_empty_set, readings(text))) or list_sentences.says_none(text)
        return Verdict.CORRECT if none else Verdict.WRONG
    if not gold_items or len(gold_items) > lists.MAX_ITEMS:
        return Verdict.UNPARSEABLE
    if clean(text).casefold() == clean(gold.raw).casefold():
        return Verdict.CORRECT
    if gold.asked and asked_words.of_another_quantity(text, gold.asked):
        return Verdict.WRONG
    if all(map(_ANGLE.match, gold_items)):
        gold_items, text = [_ANGLE.sub("", item) for item in gold_items], _ANGLE.sub("", text)
    elif not any(map(_ANGLE.search, gold_items)):
        text = _ANGLE.sub("", text)
    text = _CHARGE.sub(r"\1", text)
    text = _THIN.sub(" ", latex_text.without_dollars(text)).replace("**", "")
    if (match := _SO.search(text)) and not DENIED.search(text) and not NEGATION.search(text):
        text = text[match.end() :]
    if (
        (match := _POINT_IN_PROSE.search(text))
        and len(_POINT_IN_PROSE.findall(text)) == 1
        and not NEGATION.search(text)
    ):
        text = match[1]
    if _SPACED.fullmatch(text):
        text = text.replace(" ", ", ")
    if _names_in(gold_items) and _OR.search(text):
        return Verdict.HEDGED  # "x = 3 or y = 2" of the two of a system
    if offers_several(text) and not _ALL_OF_THEM.search(clean(gold.raw)):
        return Verdict.HEDGED
    pieces = all(map(parse_interval, gold_items)) or union(clean(gold.raw)) is not None
    if pieces and _IN_COMMON.search(text) and not _ALL_OF_THEM.search(text):
        return Verdict.WRONG  # "x < 0 and x > 1" has no solution
    same_item = partial(_item_same, intervals=pieces)
    if len({item.casefold() for item in gold_items}) < len(set(gold_items)):
        same_item = _same_letters  # Aa is no AA
    dashed = _DASH.split(text) if not text.startswith("-") and "-" not in "".join(gold_items) else []
    is_span = (
        compare is _same_set
        and len(dashed) == 2
        and all(map(_PLACE_IN_ORDER.fullmatch, dashed))
        and not _falls(*dashed)
    )
    if len(dashed) == len(gold_items) > 1 and not is_span:
        text = ", ".join(dashed)
    if (agrees := labelled_in_order.agrees(gold_items, text, gold.asked)) is not None and (
        agrees or compare is _same_list or _is_numeric(gold_items)
    ):
        return Verdict.CORRECT if agrees else Verdict.WRONG
    try:
        if compare is _same_list and (counted := labelled.counts(text, gold.asked)) is not None:
            return Verdict.CORRECT if _same_list(gold_items, counted, same_item) else Verdict.WRONG
        for reading in readings(text):
            for reply_items in _takings(reading):
                if len(reply_items) <= lists.MAX_ITEMS and compare(gold_items, reply_items, same_item):
                    return Verdict.CORRECT
        if (by_label := labelled.values(text, gold.asked)) is not None:
            return Verdict.CORRECT if _same_list(gold_items, by_label, same_item) else Verdict.WRONG
        for reply_items in labelled.listings(text, gold.asked, gold_items):
            if compare(gold_items, reply_items, same_item):
                return Verdict.CORRECT
        for reading in readings(text):
            if (ordered := list_writings.in_order(reading)) and _same_list(gold_items, ordered, same_item):
                return Verdict.CORRECT
            for reply_items in list_writings.listings(reading, gold.asked, gold_items):
                if len(reply_items) == len(gold_items) and compare(gold_items, reply_items, same_item):
                    return Verdict.CORRECT
        for reply_items in enumerated.listings(text, gold.asked):
            if len(reply_items) == len(gold_items) and compare(gold_items, reply_items, same_item):
                return Verdict.CORRECT
    except _UndecidedError as undecided:
        return undecided.verdict
    if UNKNOWN.search(text):
        return Verdict.UNPARSEABLE
    return Verdict.HEDGED if HEDGE.search(text) and not HEDGE.search(gold.raw) else Verdict.WRONG


def _is_numeric(items: list[str]) -> bool:
    return all(parse_scalar(item) is not None for item in items)


# 2000-2012, A-C, Q1-Q4 and Monday-Friday are all from one to the other
_PLACE_IN_ORDER = re.compile(
    r"[A-Za-z]{0,4}\s?\d{1,6}|[A-Za-z]|(?:mon|tues|wednes|thurs|fri|satur|sun)day|[a-z]{3}", re.IGNORECASE
)


def _falls(first: str, last: str) -> bool:
    """Whether the second of two numbers is the smaller one: 3-1 is a score and no span."""
    return first.isdecimal() and last.isdecimal() and int(first) > int(last)


_DASH = re.compile(r"(?<=[\w%°])\s?-\s?(?=\w)")
_CHARGE = re.compile(r"\^?\{(\d?[+-])\}")
_ANGLE = re.compile(r"(?:∠|\\angle(?![a-z]))\s?(?=[\dA-Z])")
_THIN = re.compile(r"\\[,;:!]")
_SO = re.compile(
    r"(?:^|[,;.]\s)(?:so|therefore|thus|hence)\s(?!.*[,;.]\s(?:so|therefore|thus|hence)\s)(?=[A-Za-z]\s?=)",
    re.IGNORECASE,
)
_POINT_IN_PROSE = re.compile(r"(?:\b(?:at|is|are|point|to)\s|=\s?)(\([^()]{1,60}[,;][^()]{1,60}\))(?=\s?\.?$)")
_SPACED = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?(?: -?\d{1,9}(?:\.\d{1,6})?){2,20}")
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_ALL_OF_THEM = re.compile(
    r"\bor\b|或|±|\\pm|∪|\\cup", re.IGNORECASE
)  # a gold of several solutions: all of them, whatever the word between
_IN_COMMON = re.compile(r"\band\b|且|∩|\\cap", re.IGNORECASE)
_EQUATED = re.compile(r"([A-Za-z])\s?=")
_COORDINATE = re.compile(r"([xyz])\s?=")
_POINT = re.compile(r"[A-Z]\s?(?=\()")


def _takings(text: str) -> Iterator[list[str]]:
    """The ways to take a reply apart into items."""
    if taken := lists.both_signs(text) or lists.matrix(text) or lists.bullets(text) or union(text):
        yield taken
    elif match := _POINT.match(text):  # A(3, -4)
        yield lists.items(text[match.end() :])[0]
    else:
        yield lists.items(text)[0]


def _same_list(gold_items: list[str], reply_items: list[str], same_item: Callable[[str, str], bool]) -> bool:
    names = [m[1] for item in reply_items if (m := _COORDINATE.match(item))]
    if len(names) == len(reply_items) == len(set(names)) and not any(map(_COORDINATE.match, gold_items)):
        reply_items = [item for _, item in sorted(zip(names, reply_items, strict=True))]  # "y = 3, x = -4" is (-4, 3)
    return len(gold_items) == len(reply_items) and all(
        same_item(a, b) for a, b in zip(gold_items, reply_items, strict=True)
    )


def _names_in(items: list[str]) -> list[str]:
    """The variables that the items give, x and y of "x = 3, y = 2"; none where they are not all of different ones."""
    names = [m[1] for item in items if (m := _EQUATED.match(item))]
    return names if len(names) == len(items) == len(set(names)) > 1 else []


def _same_system(gold_items: list[str], reply_items: list[str], same_item: Callable[[str, str], bool]) -> bool:
    """Whether a reply without names, (3, 2), gives the values of x and y in the order of their names."""
    values = [item.partition("=")[2].strip() for _, item in sorted(zip(_names_in(gold_items), gold_items, strict=True))]
    return _same_list(values, reply_items, same_item)


def _same_set(gold_items: list[str], reply_items: list[str], same_item: Callable[[str, str], bool]) -> bool:
    if len(reply_items) > 4 * len(gold_items) + 4:
        return False
    if _names_in(gold_items) and not any(map(_EQUATED.match, reply_items)):
        return _same_system(gold_items, reply_items, same_item)
    return all(any(same_item(a, b) for b in reply_items) for a in gold_items) and all(
        any(same_item(a, b) for a in gold_items) for b in reply_items
    )


_FROM_TO = re.compile(r"\(?from (?:the )?([a-z]{2,12}) to (?:the )?([a-z]{2,12})\)?[:,]?\s?", re.IGNORECASE)


_WAY = re.compile(r"\b(ascending|increasing|rising|descending|decreasing|falling) order\b", re.IGNORECASE)


def _goes_up(asked: Sequence[str]) -> bool | None:
    """Whether the order that is asked for begins with the least; None where the question does not say."""
    for word in asked:
        if word in labelled.RISING or word in labelled.FALLING:
            return word in labelled.RISING
    return None


_LETTERED = re.compile(r"(?:point )?([A-Z])\s?(?:=|is at|:)?\s?\(")


def ordered_list(gold: TypedAnswer, text: str) -> Verdict:
    if (match := _LETTERED.match(text)) and "point" in gold.asked[:-1]:
        wanted = gold.asked[gold.asked.index("point") + 1]
        if len(wanted) == 1 and match[1].casefold() not in gold.asked:
            return Verdict.WRONG  # Q(3, -2), where P is asked for
    if (way := _WAY.search(text)) and _goes_up(gold.asked) is (
        way[1].casefold() in ("descending", "decreasing", "falling")
    ):
        return Verdict.WRONG  # "in ascending order" where it asks from the highest down
    match = _FROM_TO.search(text)
    ends = [gold.asked.index(w.casefold()) for w in match.groups() if w.casefold() in gold.asked] if match else []
    if len(ends) == 2 and ends[0] > ends[1]:  # from bottom to top, where the question goes down
        items = lists.items(_FROM_TO.sub("", text).strip())[0]
        return Verdict.CORRECT if _same_list([str(i) for i in gold.value], items[::-1], _item_same) else Verdict.WRONG
    return _listing(gold, text, _same_list)


def unordered_set(gold: TypedAnswer, text: str) -> Verdict:
    return _listing(gold, text, _same_set)


def box(gold: TypedAnswer, text: str) -> Verdict:
    if NEGATION.search(text) or DENIED.search(text) or HEDGE.search(text):
        return Verdict.UNPARSEABLE
    for reading in readings(text):
        if (replied := parse_box(reading, bare=True)) is not None:
            return Verdict.CORRECT if intersection_over_union(gold.value, replied) >= gold.tolerance else Verdict.WRONG
    return Verdict.UNPARSEABLE
