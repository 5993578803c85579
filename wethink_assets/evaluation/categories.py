"""Item categories: the columns of a set's file along which its numbers are broken down.

Belongs here: reading categories from columns, shared by the benchmark families. Does not belong here: which columns a
family has (families/), any number (metrics.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.evaluation.item import Item

Names = Mapping[str, Sequence[str]]  # categories of an item, by dimension
Categories = Callable[[Item], Names]


def by_columns(*columns: str) -> Categories:
    """Item categories from these columns of the file, of which the first is shown where there is room for one."""

    def categories(item: Item) -> Names:
        return in_columns({**item.extra, "category": item.category, "split": item.split}, columns)

    return categories


def in_columns(cells: Mapping[str, Any], columns: Sequence[str]) -> Names:
    """Item categories in these cells, by column; columns that the file lacks are left out."""
    return {column: _several(str(cells[column])) for column in columns if cells.get(column)}


def _several(text: str) -> list[str]:
    """A cell's categories: a list's parts, each once, or the cell."""
    return list(dict.fromkeys(strings_in(text) or [text]))
