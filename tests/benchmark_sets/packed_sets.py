"""The sample pack's sets with fewer rows: what a test of the whole way through evaluation needs and not what it costs.

Belongs here: copying them. Composites, variants, rotations and question pairs stay whole, or have several of their
parts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from wethink_assets.benchmark_sets.tsv import MAX_CELL_CHARS

ROWS = {"DynaMath": 20, "WeMath": 14, "MMBench_TEST_EN_V11": 24, "MMBench_TEST_CN_V11": 24}
OTHERS = 12


def copy_sets(pack: Path, target: Path, names: Iterable[str] | None = None) -> None:
    """The named sets, or all, with their first rows."""
    csv.field_size_limit(MAX_CELL_CHARS)
    target.mkdir(parents=True, exist_ok=True)
    for source in sorted((pack / "benchmarks").glob("*.tsv")):
        if names is not None and source.stem not in names:
            continue
        with (
            source.open(encoding="utf-8", newline="") as file,
            (target / source.name).open("w", encoding="utf-8", newline="") as out,
        ):
            rows = csv.reader(file, delimiter="\t")
            csv.writer(out, delimiter="\t", lineterminator="\n").writerows(
                row for number, row in enumerate(rows) if number <= ROWS.get(source.stem, OTHERS)
            )
