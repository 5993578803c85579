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
        self.rows = 0
        self._sets: Counter[frozenset[str]] = Counter()
        self._kept: list[tuple[Place, frozenset[str]]] | None = [] if keep else None

    def add(self, place: Place, refused_by: Collection[str]) -> None:
        """One row and the filters that drop it."""
        self.rows += 1
        names = frozenset(refused_by)
        self._sets[names] += 1
        if self._kept is not None:
            self._kept.append((place, names))

    def table(self, batch: str, is_bad: Callable[[Place], bool] | None = None) -> list[RowFilterCountRow]:
        """Rows of table row_filter_counts: one for each filter, also where it dropped nothing."""
        if not self.rows:
            return []
        bad = None
        if is_bad is not None and self._kept is not None:
            bad = Counter(names for place, names in self._kept if is_bad(place))
        rows: list[RowFilterCountRow] = []
        for position, name in enumerate(NAMES, 1):
            dropped = _counts(name, position, self._sets)
            known = _counts(name, position, bad) if bad is not None else None
            rows.append(
                {
                    "batch": batch,
                    "filter": name,
                    "position": position,
                    "rows": self.rows,
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
