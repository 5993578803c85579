"""How many rows of which kind a release takes (constrained subset selection): raking, then exchange of single rows.

Belongs here: numbers of rows by cell, which is a source and the values that count. Pure and without chance: equal cells
give equal numbers on every machine. Does not belong here: which rows of a cell are taken (selection.py), what is asked
for (mix.py), what was not met (mix_outcome.py).

The order of priority: a source has exactly its quota; rows that are held stay; then the distance is as small as can be,
which is the sum over values of the square of (rows taken - rows wanted), all values alike [D].

Raking (iterative proportional fitting: Deming and Stephan 1940) starts from what the sources give by themselves and
changes the shares of all cells of a value alike, so that what is not asked for stays as it was. Whole numbers come from
largest remainders. Exchanges then move rows between two cells of a source for as long as one brings the distance down
(sequential minimal optimisation: Platt 1998); the distance being convex, it ends near the least there is. Sums of
doubles are taken one after the other, and no other arithmetic is used that machines round differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wethink_assets.dataset.mix import Mix

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]
SWEEPS = 60  # of raking at most; exchanges make up for what is left
STILL = 0.01  # rows that a cell may change by in the last sweep
FILLS = 20  # rounds of a source's water-filling within one sweep
TRACE = 1e-9  # of a cell's rows stay in play: what one value wants none of, another one or a quota may still need


@dataclass(frozen=True)
class Cells:
    """Cells in ascending order of source and traits, which are unique together.

    Of each: its source's place in `quotas`, its traits, the rows there are, those that stay in any case, and those that
    a selection by source alone takes.
    """

    source: Numbers
    traits: Numbers
    available: Numbers
    held: Numbers
    plain: Numbers
    quotas: Numbers

    @classmethod
    def of(cls, rows: list[tuple[int, int, int, int, int]], quotas: list[int]) -> Cells:
        """Cells from rows of (source, traits, available, held, plain)."""
        columns = np.array(sorted(rows), dtype=np.int64).reshape(-1, 5).T
        return cls(*columns, np.array(quotas, dtype=np.int64))

    def having(self, place: int) -> NDArray[np.bool_]:
        """Which cells have the value at this place of the mix."""
        return (self.traits >> place & 1).astype(bool)


def fill(cells: Cells, mix: Mix) -> Numbers:
    """Rows to take of each cell: as near to the mix as exchanges of single rows lead, and as the sources give at least.

    Between the held and the available rows of a cell; those of a source add up to its quota.
    """
    if not mix.values or not len(cells.source):
        return cells.plain.copy()
    wanted = np.array(mix.wanted(int(cells.quotas.sum())), dtype=np.int64)
    has = np.array([cells.having(place) for place in range(len(mix.values))], dtype=np.int64)
    raked = _whole(cells, _raked(cells, mix, wanted))
    counts = min((raked, cells.plain.copy()), key=lambda taken: distance(has, taken, wanted))
    _exchange(cells, has, counts, wanted)
    return counts


def distance(has: Numbers, counts: Numbers, wanted: Numbers) -> int:
    """Sum of squares of what the values have too many or too few of; `has` is 1 where a value's cell has it."""
    off = has @ counts - wanted
    return int(off @ off)


def _raked(cells: Cells, mix: Mix, wanted: Numbers) -> Reals:
    """Real numbers of rows beyond those that are held, whose sums are near what is wanted."""
    room = (cells.available - cells.held).astype(np.float64)
    sources = len(cells.quotas)
    quota = cells.quotas - _sums(cells.source, cells.held, sources)
    share = _ratio(quota, _sums(cells.source, room, sources))
    free: Reals = room * share[cells.source]
    margins = []
    for places in mix.groups():
        group = np.full(len(room), len(places))
        aims = []
        for number, place in enumerate(places):
            group[cells.having(place)] = number
            aims.append(wanted[place] - cells.held[cells.having(place)].sum())
        aims.append(quota.sum() - sum(aims))
        margins.append((group, np.maximum(np.array(aims, dtype=np.float64), 0.0)))
    for _ in range(SWEEPS):
        before = free
        for group, aims in margins:
            factor = _ratio(aims, _sums(group, free, len(aims)))
            free = np.clip(free * factor[group], room * TRACE, room)
        free = _filled(cells, free, room, quota)
        if np.abs(free - before).max() < STILL:
            break
    return free


def _filled(cells: Cells, free: Reals, room: Reals, quota: Reals) -> Reals:
    """The same in proportion, with the quota of each source: what a full cell cannot take goes to the others."""
    for _ in range(FILLS):
        open_ = free < room
        have = _sums(cells.source, np.where(open_, free, 0.0), len(quota))
        full = _sums(cells.source, np.where(open_, 0.0, free), len(quota))
        factor = _ratio(np.maximum(quota - full, 0.0), have)
        grown = np.where(open_, np.minimum(free * factor[cells.source], room), free)
        if np.array_equal(grown, free):
            break
        free = grown
    return free


def _whole(cells: Cells, free: Reals) -> Numbers:
    """Whole numbers of rows: largest remainders within each source, then whatever its quota lacks or has too much."""
    counts = cells.held + np.minimum(free.astype(np.int64), cells.available - cells.held)
    remainder = free - np.floor(free)
    for source, own in _slices(cells):
        mine = counts[own]
        left = int(cells.quotas[source] - mine.sum())
        order = np.lexsort((np.arange(len(mine)), -remainder[own]))
        order = order if left > 0 else order[::-1]
        while left:
            able = (mine < cells.available[own]) if left > 0 else (mine > cells.held[own])
            now = order[able[order]][: abs(left)]
            mine[now] += np.sign(left)
            left -= int(np.sign(left)) * len(now)
        counts[own] = mine
    return counts


def _exchange(cells: Cells, has: Numbers, counts: Numbers, wanted: Numbers) -> None:
    """Move rows between cells of a source, in place, until no exchange of two rows brings the distance down."""
    off = has @ counts - wanted
    slices = _slices(cells)
    waiting = True
    while waiting:
        waiting = False
        for _, own in slices:
            one = _Source(has[:, own], cells.traits[own], cells.held[own], cells.available[own], counts[own], off)
            while one.steepest() or one.any_left():
                waiting = True


class _Source:
    """The cells of one source while rows move between them; `counts` and `off` are changed in place.

    `slope` is by how much a row of a cell raises the sum of twice what its values are off. A row that moves from a to b
    changes the distance by slope[b] - slope[a] + the number of values that one of them has alone.
    """

    def __init__(
        self, has: Numbers, traits: Numbers, held: Numbers, available: Numbers, counts: Numbers, off: Numbers
    ) -> None:
        self.has, self.traits, self.held, self.available, self.counts, self.off = (
            has,
            traits,
            held,
            available,
            counts,
            off,
        )
        self.slope = 2 * (off @ has)

    def steepest(self) -> bool:
        """Move rows from the cell that has too much to the one that has too little, the most of each."""
        gives, takes = self.counts > self.held, self.counts < self.available
        if not gives.any() or not takes.any():
            return False
        a = int(np.argmax(np.where(gives, self.slope, np.iinfo(np.int64).min)))
        b = int(np.argmin(np.where(takes, self.slope, np.iinfo(np.int64).max)))
        return self._move(a, b)

    def any_left(self) -> bool:
        """Move rows between whichever two cells bring the distance down."""
        moved = False
        takes = np.flatnonzero(self.counts < self.available)
        gives = np.flatnonzero(self.counts > self.held)
        if not len(takes) or not len(gives):
            return False
        for a in gives[np.argsort(-self.slope[gives], kind="stable")]:
            if self.slope[a] - self.slope[takes].min() <= 1:
                break  # no later one has a steeper slope
            if self.counts[a] == self.held[a]:
                continue
            apart = np.bitwise_count(self.traits[takes] ^ self.traits[a])
            b = int(takes[np.argmin(self.slope[takes] - self.slope[a] + apart)])
            if self._move(int(a), b):
                moved = True
                takes = np.flatnonzero(self.counts < self.available)
                if not len(takes):
                    break
        return moved

    def _move(self, a: int, b: int) -> bool:
        """Move as many rows from a to b as bring the distance down most; False where none does."""
        apart = int(np.bitwise_count(self.traits[a] ^ self.traits[b]))
        fall = int(self.slope[a] - self.slope[b])
        if fall <= apart:
            return False
        best = (fall + apart) // (2 * apart)
        rows = min(best, int(self.counts[a] - self.held[a]), int(self.available[b] - self.counts[b]))
        self.counts[a] -= rows
        self.counts[b] += rows
        change = self.has[:, b] - self.has[:, a]
        self.off += rows * change
        for place in np.flatnonzero(change):
            self.slope += 2 * rows * int(change[place]) * self.has[place]
        return True


def _slices(cells: Cells) -> list[tuple[int, slice]]:
    """The cells of each source."""
    ends = np.searchsorted(cells.source, np.arange(len(cells.quotas) + 1))
    return [(n, slice(a, b)) for n, (a, b) in enumerate(pairwise(ends.tolist())) if b > a]


def _sums(group: NDArray[Any], amounts: NDArray[Any], groups: int) -> Reals:
    """Sums by group, one after the other."""
    return np.bincount(group, weights=amounts, minlength=groups).astype(np.float64, copy=False)


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> Reals:
    """Quotients; 1 where there is nothing to divide by."""
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), 1.0)
