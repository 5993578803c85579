"""Counts of a release (data profile): rows by split, source, category and the like, added up window by window.

Belongs here: what the card, its plot and the asset's page count. Pure.
Does not belong here: how it is shown (card.py), which rows there are (release.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wethink_assets.dataset.release import Release

COLUMNS = ("split", "source", "category", "abilities", "reward", "answer_type", "licence", "batch")


class Counts:
    """Rows per value of each of `COLUMNS`; a list counts once for each of its values."""

    def __init__(self, release: Release, windows: Iterable[Sequence[Mapping[str, Any]]]) -> None:
        self.release_id = release.selection.release_id
        self.rows = len(release.rows)
        self._images: dict[str, set[str]] = {}
        for row in release.rows:
            self._images.setdefault(row.split, set()).add(row.image_id)
        self.clusters = len({row.cluster_id for row in release.rows})
        self._counts: dict[str, Counter[str]] = {column: Counter() for column in COLUMNS}
        for window in windows:
            for column, counter in self._counts.items():
                if column == "abilities":
                    counter.update(value for row in window for value in row[column])
                else:
                    counter.update(row[column] for row in window)

    def of(self, column: str) -> dict[str, int]:
        """Rows per value of a column, most frequent first."""
        return dict(sorted(self._counts[column].items(), key=lambda item: (-item[1], item[0])))

    def rows_of(self, split: str) -> int:
        return self._counts["split"][split]

    def images_of(self, split: str) -> int:
        return len(self._images.get(split, ()))

    @property
    def images(self) -> int:
        return len(set().union(*self._images.values()))

    @property
    def batches(self) -> list[str]:
        return sorted(self._counts["batch"])
