"""Diff of two releases: which rows came, went, changed sides or were answered anew, and how the mix moved.

Belongs here: counting the compared rows. Does not belong here: the comparison (sql/dataset/compare_releases.sql),
printing (cli/releases.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

KEPT, ADDED, REMOVED, ANEW = "kept", "added", "removed", "answered_anew"
CHANGES = (KEPT, ADDED, REMOVED, ANEW, "moved", "changed")
PARTS = ("source", "category", "answer_type", "batch")
EXAMPLES = 5  # of each change


@dataclass
class Difference:
    """The difference of two releases.

    `counts` by change; `by_part` {part: {value: counts by change}}; `examples` the first rows of each change but kept.
    A question that was answered anew is a removed row and an added one, which counts as answered_anew.
    """

    old: str
    new: str
    counts: Counter[str] = field(default_factory=Counter)
    by_part: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        return set(self.counts) <= {KEPT}

    def as_json(self) -> dict[str, Any]:
        """For programs: plain dictionaries."""
        return {
            "old": self.old,
            "new": self.new,
            "counts": {change: self.counts[change] for change in CHANGES},
            "by_part": {
                part: {value: dict(counts) for value, counts in sorted(values.items())}
                for part, values in self.by_part.items()
            },
            "examples": self.examples,
        }


def difference(old: str, new: str, files: list[Path]) -> Difference:
    """Count compared rows, which lie in Parquet files; their texts are read for the examples alone."""
    found = Difference(old, new, by_part={part: {} for part in PARTS})
    if not files:
        return found
    rows = pl.scan_parquet(files, glob=False, hive_partitioning=False)
    for part in PARTS:
        counts = rows.group_by(pl.col(part).fill_null(""), "change").agg(pl.len().alias("rows")).collect()
        for value, change, count in counts.sort(part, "change").iter_rows():
            found.by_part[part].setdefault(value, Counter())[change] = count
    found.counts = sum(found.by_part[PARTS[0]].values(), Counter())
    for change in CHANGES[1:]:
        if found.counts[change]:
            found.examples[change] = rows.filter(pl.col("change") == change).head(EXAMPLES).collect().to_dicts()
    return found
