"""What each row filter is worth over a batch: alone, in the order, and by leaving it out.

Belongs here: counting. Pure. Does not belong here: any filter, where the truth comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from wethink_assets.row_filters.registry import NAMES

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

    def table(self, batch: str, is_bad: Callable[[Place], bool] | None = None) -> list[dict[str, Any]]:
        """Rows of table row_filter_counts: one for each filter, also where it dropped nothing."""
        if not self.rows:
            return []
        bad = None
        if is_bad is not None and self._kept is not None:
            bad = Counter(names for place, names in self._kept if is_bad(place))
        rows = []
        for position, name in enumerate(NAMES, 1):
            row: dict[str, Any] = {"batch": batch, "filter": name, "position": position, "rows": self.rows}
            row |= _counts("dropped", name, position, self._sets)
            row |= {"bad_rows": bad.total() if bad is not None else None}
            row |= _counts("bad", name, position, bad)
            rows.append(row)
        return rows


def _counts(prefix: str, name: str, position: int, sets: Counter[frozenset[str]] | None) -> dict[str, int | None]:
    if sets is None:
        return dict.fromkeys((f"{prefix}_alone", f"{prefix}_first", f"{prefix}_only"))
    earlier = set(NAMES[: position - 1])
    return {
        f"{prefix}_alone": sum(count for names, count in sets.items() if name in names),
        f"{prefix}_first": sum(count for names, count in sets.items() if name in names and not names & earlier),
        f"{prefix}_only": sets[frozenset({name})],
    }
