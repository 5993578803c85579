"""Whether a reply gives a set, a list, an interval or a box.

Belongs here: comparing part by part. Does not belong here: taking texts apart (parts.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wethink_assets.rewards import exact, parts
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.rule_numbers import by_mathematics, looks_mathematical
from wethink_assets.rewards.scalars import parse_scalar, same
from wethink_assets.rewards.verdict import HEDGE, UNKNOWN, Verdict, offers_several, readings


def _item_same(wanted: str, said: str) -> bool:
    a, b = parse_scalar(wanted), parse_scalar(said)
    if a is not None and b is not None:
        return same(a, b)
    if (a is None) != (b is None):
        return False
    if fold(wanted) == fold(said) and fold(wanted):
        return True
    x, y = parts.items(wanted), parts.items(said)
    if len(x[0]) > 1 and len(x[0]) == len(y[0]) and x[1] == y[1]:
        return all(_item_same(p, q) for p, q in zip(x[0], y[0], strict=True))
    if looks_mathematical(wanted) and looks_mathematical(said):
        verdict = by_mathematics(wanted, said)
        if verdict in (Verdict.TIMEOUT, Verdict.ERROR):
            raise _Undecided(verdict)
        return verdict is Verdict.CORRECT
    return False


class _Undecided(Exception):
    """math-verify could not decide about an item, so nothing can be said about the whole."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


def _listing(gold: TypedAnswer, text: str, compare: Callable[[list[str], list[str]], bool]) -> Verdict:
    wanted = [str(item) for item in gold.value or ()]
    if not wanted or len(wanted) > parts.MAX_ITEMS:
        return Verdict.UNPARSEABLE
    if clean(text).casefold() == clean(gold.raw).casefold():
        return Verdict.CORRECT
    if offers_several(text) and not offers_several(gold.raw):
        return Verdict.HEDGED
    try:
        for reading in readings(text):
            said = _both_signs(reading) or parts.items(reading)[0]
            if len(said) <= parts.MAX_ITEMS and compare(wanted, said):
                return Verdict.CORRECT
    except _Undecided as undecided:
        return undecided.verdict
    if UNKNOWN.search(text):
        return Verdict.UNPARSEABLE
    return Verdict.HEDGED if HEDGE.search(text) and not HEDGE.search(gold.raw) else Verdict.WRONG


_PLUS_MINUS = re.compile(r"(?:([A-Za-z])\s*=\s*)?(?:±|\\pm)\s*([^,;±]{1,60})")


def _both_signs(text: str) -> list[str] | None:
    """The two values of ±a; None for any other text."""
    match = _PLUS_MINUS.fullmatch(text)
    return [match[2].strip(), f"-({match[2].strip()})"] if match else None


def _same_list(wanted: list[str], said: list[str]) -> bool:
    return len(wanted) == len(said) and all(_item_same(a, b) for a, b in zip(wanted, said, strict=True))


def _same_set(wanted: list[str], said: list[str]) -> bool:
    if len(said) > 4 * len(wanted) + 4:
        return False
    return all(any(_item_same(a, b) for b in said) for a in wanted) and all(
        any(_item_same(a, b) for a in wanted) for b in said
    )


def ordered_list(gold: TypedAnswer, text: str) -> Verdict:
    return _listing(gold, text, _same_list)


def unordered_set(gold: TypedAnswer, text: str) -> Verdict:
    return _listing(gold, text, _same_set)


def interval(gold: TypedAnswer, text: str) -> Verdict:
    low, high, low_closed, high_closed = gold.value
    named = parts.variable(clean(gold.raw))
    for reading in readings(text):
        if named and (other := parts.variable(reading)) and other != named:
            return Verdict.WRONG
        found = parts.bracketed_interval(reading)
        if found is None:
            continue
        ends = _same_end(low, found[0]) and _same_end(high, found[1])
        closed = all(a is None or b is None or a == b for a, b in ((low_closed, found[2]), (high_closed, found[3])))
        return Verdict.CORRECT if ends and closed else Verdict.WRONG
    return Verdict.UNPARSEABLE


def _same_end(a: str, b: str) -> bool:
    if "∞" in a or "∞" in b:
        return a.replace("+", "").strip() == b.replace("+", "").strip()
    return exact.parse(a) == exact.parse(b)


def box(gold: TypedAnswer, text: str) -> Verdict:
    for reading in readings(text):
        if (found := parts.box(reading, bare=True)) is not None:
            return Verdict.CORRECT if parts.overlap(gold.value, found) >= gold.tolerance else Verdict.WRONG
    return Verdict.UNPARSEABLE
