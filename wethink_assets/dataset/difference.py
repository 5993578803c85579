"""Diff of two releases: which rows came, went, changed sides or were answered anew, and how the mix moved.

Belongs here: counting the compared rows. Pure. Does not belong here: the comparison (sql/dataset/compare_releases.sql),
printing (cli/releases.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT, ADDED, REMOVED, ANEW = "kept", "added", "removed", "answered_anew"
CHANGES = (KEPT, ADDED, REMOVED, ANEW, "moved", "changed")
PARTS = ("source", "category", "answer_type", "batch")
EXAMPLES = 5  # of each change

Row = Mapping[str, Any]


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
    examples: dict[str, list[Row]] = field(default_factory=dict)

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
            "examples": {change: [dict(row) for row in rows] for change, rows in self.examples.items()},
        }


def difference(old: str, new: str, windows: Iterable[Iterable[Row]]) -> Difference:
    """Count compared rows, which may come window by window."""
    found = Difference(old, new, by_part={part: defaultdict(Counter) for part in PARTS})
    for row in (row for window in windows for row in window):
        change = row["change"]
        found.counts[change] += 1
        for part in PARTS:
            found.by_part[part][row[part] or ""][change] += 1
        if change != KEPT and len(shown := found.examples.setdefault(change, [])) < EXAMPLES:
            shown.append(row)
    return found
