"""Whether a reply gives an interval: brackets, inequalities, a range of measured amounts.

Belongs here: the verdict, and whether two intervals are one. Does not belong here: reading them (intervals.py),
sentences around them (interval_prose.py), sets of several (rule_several.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards import exact, interval_prose, measured_range
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.intervals import Interval, bracketed_interval, is_all_reals, variable
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.units import parse_unit
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION, Verdict, readings

_WITH_UNIT = re.compile(r"(.{1,80}?\d\s?[\])]?)\s?([^\d\s\])(+±-][^\d\])(]{0,30}?)(\s?[\])]?)")


def _without_unit(gold: str, reply: str) -> tuple[str, str] | None:
    """Both without the unit behind them, where it is the same one; None where the reply has another."""
    a, b = _WITH_UNIT.fullmatch(gold), _WITH_UNIT.fullmatch(reply)
    if a is None or b is None or (unit := parse_unit(a[2])) is None or unit.is_counted:
        return gold, reply
    return (a[1] + a[3], b[1] + b[3]) if parse_unit(b[2]) == unit else None


def interval(gold: TypedAnswer, text: str) -> Verdict:
    """The verdict on a reply to a gold that is one interval or a range of amounts."""
    measured = measured_range.parse(gold.raw)
    if measured is not None and measured.has_unit:
        return _of_amounts(measured, text)
    plain = _without_unit(clean(gold.raw), text)
    if plain is None:
        return Verdict.WRONG
    text = plain[1]
    if _OF_MULTIPLE.search(text) and len(_RELATIONS.findall(text)) == 1 and not _OF_MULTIPLE.search(clean(gold.raw)):
        return Verdict.WRONG  # 2x ≥ 3
    if _UNDEFINED.search(text) and not _UNDEFINED.search(gold.raw):
        return Verdict.UNPARSEABLE
    if interval_prose.of_another_in_chinese(text, gold.asked):
        return Verdict.WRONG
    if interval_prose.of_another(text, gold.asked) and not interval_prose.of_another(clean(gold.raw), gold.asked):
        candidates = list(interval_prose.pieces(text, gold.asked))
    else:
        plain = interval_prose.rewritten(text)
        candidates = [*readings(text), *readings(plain), *interval_prose.pieces(plain, gold.asked)]
    for reading in candidates:
        if other_variable(clean(gold.raw), reading):
            return Verdict.WRONG
        if (replied := bracketed_interval(reading)) is not None:
            return Verdict.CORRECT if same_interval(tuple(gold.value), replied) else Verdict.WRONG
        if is_all_reals(reading):
            return Verdict.CORRECT if is_all_reals(clean(gold.raw)) else Verdict.WRONG
    return Verdict.UNPARSEABLE


def _of_amounts(gold: measured_range.Range, text: str) -> Verdict:
    if NEGATION.search(text) or DENIED.search(text) or HEDGE.search(text):
        return Verdict.UNPARSEABLE
    found = [r for reading in readings(text) if (r := measured_range.parse(reading)) is not None]
    found = found[:1] or list(measured_range.mentioned(text))
    if not found:
        return Verdict.UNPARSEABLE
    right = all(measured_range.same_range(gold, replied) for replied in found)
    return Verdict.CORRECT if right else Verdict.WRONG


_UNDEFINED = re.compile(r"\b(?:undefined|discontinuous)\b", re.IGNORECASE)
_RELATIONS = re.compile(r"[<>≤≥]=?|\\[gl](?:e|t|eq)(?:slant)?(?![a-z])")
_OF_MULTIPLE = re.compile(r"\d\s?[a-z]\s?(?:[<>≤≥]|\\[gl]e)|[<>≤≥]\s?\d{1,6}[a-z](?![a-z])")


def other_variable(gold: str, reply: str) -> bool:
    """Whether two texts name different variables: x > 2 and y > 2."""
    a, b = variable(gold), variable(reply)
    return bool(a and b and a != b)


def same_interval(a: Interval, b: Interval) -> bool:
    """Whether the ends are equal, and closed alike where both say so."""
    ends = _same_end(a[0], b[0]) and _same_end(a[1], b[1])
    return ends and all(x is None or y is None or x == y for x, y in ((a[2], b[2]), (a[3], b[3])))


def _same_end(a: str, b: str) -> bool:
    if "∞" in a or "∞" in b:
        return a.replace("+", "").strip() == b.replace("+", "").strip()
    return exact.parse(a) == exact.parse(b)
