"""What each row filter is worth over a batch: alone, in the order, and by leaving it out.

Belongs here: counting. Pure. Does not belong here: any filter, where the truth comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import NamedTuple

from wethink_assets.row_filters.registry import NAMES
from wethink_assets.written_rows import RowFilterCountRow

Place = tuple[str, str, str]  # image id, question, answer


class FilterCounts:
    """Counts of dropped rows. With `keep`, rows are remembered until it is known which of them are bad."""

    def __init__(self, *, keep: bool = False) -> None:
        self._sets: dict[str, Counter[frozenset[str]]] = {}
        self._kept: list[tuple[str, Place, frozenset[str]]] | None = [] if keep else None

    def add(self, source: str, place: Place, refused_by: Collection[str]) -> None:
        """One row, the source of its image, and the filters that drop it."""
        names = frozenset(refused_by)
        self._sets.setdefault(source, Counter())[names] += 1
        if self._kept is not None:
            self._kept.append((source, place, names))

    def table(self, batch: str, is_bad: Callable[[Place], bool] | None = None) -> list[RowFilterCountRow]:
        """Rows of table row_filter_counts: one for each source and filter, also where it dropped nothing."""
        kept = self._kept if is_bad is not None else None
        bad = {source: Counter[frozenset[str]]() for source in self._sets}
        for source, place, names in kept or ():
            if is_bad is not None and is_bad(place):
                bad[source][names] += 1
        return [
            row
            for source in sorted(self._sets)
            for row in _rows(batch, source, self._sets[source], None if kept is None else bad[source])
        ]


def _rows(
    batch: str, source: str, sets: Counter[frozenset[str]], bad: Counter[frozenset[str]] | None
) -> list[RowFilterCountRow]:
    rows: list[RowFilterCountRow] = []
    for position, name in enumerate(NAMES, 1):
        dropped = _counts(name, position, sets)
        known = _counts(name, position, bad) if bad is not None else None
        rows.append(
            {
                "batch": batch,
                "source": source,
                "filter": name,
                "position": position,
                "rows": sets.total(),
                "dropped_alone": dropped.alone,
                "dropped_first": dropped.first,
                "dropped_only": dropped.only,
                "bad_rows": bad.total() if bad is not None else None,
                "bad_alone": known.alone if known else None,
                "bad_first": known.first if known else None,
                "bad_only": known.only if known else None,
            }
        )
    return rows


class _Counts(NamedTuple):
    """Rows of one filter: whatever the others do, in the order, and where no other drops them."""

    alone: int
    first: int
    only: int


def _counts(name: str, position: int, sets: Counter[frozenset[str]]) -> _Counts:
    earlier = set(NAMES[: position - 1])
    return _Counts(
        sum(count for names, count in sets.items() if name in names),
        sum(count for names, count in sets.items() if name in names and not names & earlier),
        sets[frozenset({name})],
    )
