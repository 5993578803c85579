"""What a release wanted and got of each value of its mix, and why not more or less (constraint attribution).

Belongs here: the parts of a miss by what caused them, and their words. Pure.
Does not belong here: choosing rows (mix_selection.py), where it is shown (card.py, assets.py, gates.py).

What is missed has up to four causes, and their rows add up to it. Of a value that is short: fewer rows have it than
are wanted; the sources' quotas leave room for fewer of these; rows that are held, without it, take that room; for the
rest other values of the mix would pay. A value of which there are too many is short of rows without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wethink_assets.dataset.mix import Mix, Value
from wethink_assets.dataset.mix_selection import Cells, Numbers

SOURCE = "source"
TOO_FEW, QUOTAS, HELD, OTHERS = "too_few_rows", "quotas_of_sources", "held_by_a_release", "other_targets"
CAUSES = (TOO_FEW, QUOTAS, HELD, OTHERS)  # in the order of priority
FILLS_IN = "in_place_of_other_sources"  # a source that gives more than its weight


@dataclass(frozen=True)
class Outcome:
    """One value of the mix: rows of it that were wanted, taken and there, why the first two differ, in rows by cause.

    `bound_by` names other values that an exchange of rows towards this one would move away from what is wanted.
    """

    dimension: str
    value: str
    wanted: int
    got: int
    available: int
    why: Mapping[str, int]
    bound_by: tuple[str, ...] = ()

    @property
    def off(self) -> int:
        """Rows too many, or too few where negative."""
        return self.got - self.wanted

    @property
    def full(self) -> bool:
        return self.off >= 0

    def record(self) -> dict[str, Any]:
        """What is kept of it, as JSON."""
        return asdict(self) | {"why": dict(self.why), "bound_by": list(self.bound_by)}


def outcomes(cells: Cells, mix: Mix, counts: Numbers) -> list[Outcome]:
    """What became of every value of the mix."""
    rows = int(cells.quotas.sum())
    found = []
    for place, (value, wanted) in enumerate(zip(mix.values, mix.wanted(rows), strict=True)):
        has = cells.having(place)
        got = int(counts[has].sum())
        short = got < wanted
        kind, aim = (has, wanted) if short else (~has, rows - wanted)
        why = _causes(cells, kind, aim, int(counts[kind].sum())) if got != wanted else {}
        bound = _bound(cells, mix, counts, kind, place) if OTHERS in why else ()
        available = int(cells.available[has].sum())
        found.append(Outcome(value.dimension, value.name, wanted, got, available, why, bound))
    return found


def of_sources(available: Mapping[str, int], quotas: Mapping[str, int], wanted: Mapping[str, int]) -> list[Outcome]:
    """What became of every source that was wanted: those that have too few rows leave their part to the others."""
    found = []
    for source, amount in wanted.items():
        off = quotas.get(source, 0) - amount
        why = {TOO_FEW if off < 0 else FILLS_IN: abs(off)} if off else {}
        found.append(Outcome(SOURCE, source, amount, amount + off, available.get(source, 0), why))
    return found


def _causes(cells: Cells, kind: np.ndarray, aim: int, got: int) -> dict[str, int]:
    """Rows that a kind of row is short of, by cause."""
    sources = len(cells.quotas)

    def sums(amounts: Numbers) -> Numbers:
        return np.bincount(cells.source, weights=amounts, minlength=sources).astype(np.int64)

    there = sums(cells.available * kind)
    within = int(np.minimum(there, cells.quotas).sum())
    free = int(np.minimum(there, cells.quotas - sums(cells.held * ~kind)).sum())
    limits = (int(there.sum()), within, free, got)
    parts: dict[str, int] = {}
    least = aim
    for cause, limit in zip(CAUSES, limits, strict=True):
        if limit < least:
            parts[cause] = least - limit
            least = limit
    return parts


def _bound(cells: Cells, mix: Mix, counts: Numbers, kind: np.ndarray, place: int) -> tuple[str, ...]:
    """The values that pay in the cheapest exchange of two rows of a source towards more of a kind."""
    has = np.array([cells.having(other) for other in range(len(mix.values))], dtype=np.int64)
    off = has @ counts - np.array(mix.wanted(int(cells.quotas.sum())), dtype=np.int64)
    slope = 2 * (off @ has)
    gives, takes = np.flatnonzero(~kind & (counts > cells.held)), np.flatnonzero(kind & (counts < cells.available))
    cheapest: tuple[int, int, int] | None = None
    for source in range(len(cells.quotas)):
        a, b = gives[cells.source[gives] == source], takes[cells.source[takes] == source]
        if len(a) and len(b):
            give, take = int(a[np.argmax(slope[a])]), int(b[np.argmin(slope[b])])
            price = (int(slope[take] - slope[give]), give, take)
            cheapest = price if cheapest is None else min(cheapest, price)
    if cheapest is None:
        return ()
    _, give, take = cheapest
    change = has[:, take] - has[:, give]
    paying = [other for other in np.flatnonzero(change * (2 * off + change) > 0) if other != place]
    return tuple(str(mix.values[other]) for other in paying)


def why(outcome: Mapping[str, Any]) -> str:
    """A record's miss in words; empty where it was met."""
    few, many = outcome["got"] < outcome["wanted"], outcome["got"] > outcome["wanted"]
    if outcome["dimension"] == SOURCE:
        if few:
            return f"{outcome['available']:,} rows are there"
        return "in place of sources that have too few" if many else ""
    rows = "rows with it" if few else "rows without it"
    bound = ", ".join(outcome["bound_by"])
    words = {
        TOO_FEW: f"too few {rows}",
        QUOTAS: f"the sources' quotas leave no room for more {rows}",
        HELD: "held by an earlier release",
        OTHERS: f"would cost {bound}" if bound else "would cost other values",
    }
    return "; ".join(f"{outcome['why'][cause]:,}: {words[cause]}" for cause in CAUSES if cause in outcome["why"])


def missed(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the mix, sources apart, of which other than the wanted rows were taken; the largest miss first."""
    off = [record for record in records if record["dimension"] != SOURCE and record["got"] != record["wanted"]]
    return sorted(off, key=lambda r: (-abs(r["got"] - r["wanted"]), r["dimension"], r["value"]))


def rows_of_table(records: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Cells of the table "wanted and got": every value of the mix, and sources that did not get their weight."""
    return [
        [r["dimension"], r["value"], r["wanted"], r["got"], f"{r['got'] - r['wanted']:+,}", r["available"], why(r)]
        for r in records
        if r["dimension"] != SOURCE or r["got"] != r["wanted"]
    ]


def fullest(outcomes_of: Mapping[Value, Outcome], values: Iterable[Value]) -> Outcome | None:
    """Of these values the one that is fullest: none of the others has more rows beyond what was wanted."""
    full = [outcomes_of[value] for value in values if outcomes_of[value].full]
    return max(full, key=lambda outcome: outcome.off, default=None)
