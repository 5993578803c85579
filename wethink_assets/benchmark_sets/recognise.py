"""Recognition of evaluation sets: which of VLMEvalKit's TSVs lie in a folder, by name and header, and how many rows.

Belongs here: a bounded look at the beginnings of files. Does not belong here: reading a set (tsv.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wethink_assets.benchmark_sets.registry import BENCHMARKS, Benchmark
from wethink_assets.benchmark_sets.tsv import MAX_CELL_CHARS

READ = 16 * 1024 * 1024  # bytes of a file in which rows are counted


@dataclass
class SetsFound:
    """The folder that holds most sets, their rows ('+' where only the beginning was counted), and what is no set."""

    folder: Path | None = None
    rows: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def recognise_sets(
    folders: Mapping[Path, Sequence[str]], others: Iterable[Path], sets: Sequence[Benchmark] = BENCHMARKS
) -> SetsFound:
    """`folders`: names of .tsv files by folder. `others`: folders that may hold a set in its authors' own form."""
    by_name = {benchmark.file_name: benchmark for benchmark in sets}
    found: dict[Path, dict[str, str]] = {}
    notes: list[str] = []
    for folder, names in folders.items():
        for name in names:
            columns, rows = _look(folder / name)
            benchmark = by_name.get(name)
            if benchmark is None:
                if {"index", "question"} <= set(columns):
                    notes.append(
                        f"{folder / name}: has a set's columns, but no set's name: [[evaluation.extra]] adds it"
                    )
            elif lacking := [c for c in ("index", "question", *benchmark.columns) if c not in columns]:
                notes.append(f"{folder / name}: is no file of {benchmark.name}: column {', '.join(lacking)} is missing")
            else:
                found.setdefault(folder, {})[benchmark.name] = rows
    best = max(found, key=lambda f: (len(found[f]), -len(f.parts)), default=None)
    notes += [
        f"{folder}: holds {', '.join(found[folder])} too; one folder is benchmarks_root: put them together"
        for folder in found.keys() - {best}
    ]
    native = [folder for folder in others if any(_alike(folder.name, b.name) for b in sets)]
    if native:
        parents = ", ".join(dict.fromkeys(f"{folder.parent}/" for folder in native))
        notes.append(
            f"{', '.join(dict.fromkeys(folder.name for folder in native))} in {parents}: by their names, sets in their "
            "authors' own form; read are VLMEvalKit's TSVs (such as MMStar.tsv)"
        )
    rows = found[best] if best is not None else {}
    return SetsFound(best, {b.name: rows[b.name] for b in sets if b.name in rows}, sorted(notes))


def is_like_a_set(name: str, sets: Sequence[Benchmark] = BENCHMARKS) -> bool:
    """Whether a folder's name is that of a set."""
    return any(_alike(name, benchmark.name) for benchmark in sets)


def _alike(folder: str, name: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", folder.lower())
    return len(plain) >= 4 and re.sub(r"[^a-z0-9]", "", name.lower()).startswith(plain)


def _look(path: Path) -> tuple[list[str], str]:
    """Column names and the number of rows; none where the file cannot be read."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL_CHARS))
    try:
        with path.open("rb") as handle:
            head = handle.read(READ)
            cut = bool(handle.read(1))
    except OSError:
        return [], ""
    lines = csv.reader(io.StringIO(head.decode("utf-8-sig", errors="replace"), newline=""), delimiter="\t")
    columns: list[str] = []
    rows = 0
    try:
        columns = [name.strip() for name in next(lines, [])]
        rows = sum(1 for _ in lines)
    except csv.Error:
        cut = True
    return columns, f"{max(rows - cut, 0):,}{'+' if cut else ''}"
