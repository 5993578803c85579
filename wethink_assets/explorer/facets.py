"""Cross-filters (faceted search): which rows a choice leaves, and how many each further choice would leave.

Belongs here: sets of row numbers and their counts. Pure. Does not belong here: which facets there are (items.py), the
address of a choice (query.py).

Values are integer codes in NumPy arrays, so that a choice among a million rows costs a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

NONE = -1  # the code of a row without a value


@dataclass(frozen=True)
class Facet:
    """A property of rows. `codes`: place of its value in `values`, by row; or by entry, where `rows` names the row."""

    name: str
    title: str
    values: tuple[str, ...]
    codes: np.ndarray
    rows: np.ndarray | None = None

    def chosen(self, values: Sequence[str], size: int) -> np.ndarray:
        """Whether each of `size` rows has one of these values. A value that is none of the facet's chooses nothing."""
        wanted = np.zeros(len(self.values) + 1, dtype=bool)  # the last place is NONE's
        for value in values:
            if value in self.values:
                wanted[self.values.index(value)] = True
        entries = wanted[self.codes]
        if self.rows is None:
            return entries
        rows = np.zeros(size, dtype=bool)
        rows[self.rows[entries]] = True
        return rows

    def counts(self, rows: np.ndarray) -> dict[str, int]:
        """How many of the marked rows have each value."""
        entries = rows if self.rows is None else rows[self.rows]
        codes = self.codes[entries]
        found = np.bincount(codes[codes != NONE], minlength=len(self.values))
        return dict(zip(self.values, found.tolist(), strict=True))


def facet(name: str, title: str, column: pl.Series, order: Sequence[str] = ()) -> Facet:
    """The facet of a column of texts, or of lists of texts; NULL is no value.

    Values stand in the given order, others behind them by their number of rows.
    """
    listed = column.dtype == pl.List
    frame = pl.DataFrame({"value": column}).with_row_index("row")
    if listed:
        frame = frame.explode("value")
    frame = frame.with_columns(pl.col("value").cast(pl.String))
    sizes = frame.drop_nulls("value").group_by("value").len().sort(["len", "value"], descending=[True, False])
    found = sizes["value"].to_list()
    values = (*(v for v in order if v in set(found)), *(v for v in found if v not in set(order)))
    coded = pl.DataFrame({"value": pl.Series(values, dtype=pl.String), "code": range(len(values))})
    codes = frame.join(coded, on="value", how="left", maintain_order="left")["code"]
    numbers = codes.fill_null(NONE).to_numpy().astype(np.int32)
    return Facet(name, title, values, numbers, frame["row"].to_numpy() if listed else None)


@dataclass(frozen=True)
class Narrowed:
    """What a choice leaves. `rows`: their numbers, in order; `counts`: by facet and value, under all other facets."""

    rows: np.ndarray
    counts: dict[str, dict[str, int]]


def narrow(
    facets: Sequence[Facet], chosen: Mapping[str, Sequence[str]], size: int, also: np.ndarray | None = None
) -> Narrowed:
    """The rows that have a chosen value of every facet with a choice, and are marked in `also`.

    A facet's own choice does not narrow its counts: they say what each value would give.
    """
    everything = np.ones(size, dtype=bool) if also is None else also
    marks = {f.name: f.chosen(chosen[f.name], size) for f in facets if chosen.get(f.name)}
    rows = everything.copy()
    for mark in marks.values():
        rows &= mark
    counts = {}
    for one in facets:
        others = rows
        if one.name in marks:
            others = everything.copy()
            for name, mark in marks.items():
                if name != one.name:
                    others &= mark
        counts[one.name] = one.counts(others)
    return Narrowed(np.flatnonzero(rows), counts)
