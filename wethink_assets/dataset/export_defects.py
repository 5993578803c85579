"""Defects of an export, found by reading back its files and not the rows in memory.

Belongs here: rows missing or changed, bad text, pictures missing, rewards that do not hold. Pure.
Does not belong here: which defect belongs to which gate (gates.py), writing an export (export.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from wethink_assets.dataset import manifest
from wethink_assets.dataset.export_files import FIELDS, FILES, Row, Rows
from wethink_assets.dataset.record import text_defects
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify


def defects(folder: Path, expected: Rows) -> dict[str, list[str]]:
    """Defects of an export as {defect: examples}, by reading back its files and not the rows in memory.

    `expected` are the rows of the lake in the order of the export; they are gone through once for each split.

    Looks for rows missing or changed, tags and placeholders in text, texts empty after normalisation, image
    files missing or of another size, rule rows that the verifier does not call correct, an image in both splits.
    """
    examples_of: dict[str, list[str]] = {}

    def note(defect: str, example: str) -> None:
        examples_of.setdefault(defect, []).append(example[:200])

    try:
        sizes = manifest.read(folder)["images"]
    except (OSError, ValueError, KeyError) as error:
        return {"manifest_unreadable": [str(error)]}
    side_of: dict[str, str] = {}
    both: dict[str, None] = {}
    for split, name in FILES.items():
        rows = (row for window in expected for row in window if row["split"] == split)
        told = held = 0
        try:
            for line, row in zip_longest(_lines(folder / name), rows):
                held += line is not None
                told += row is not None
                if line is None or row is None:
                    continue
                _check_row(line, row, folder, sizes, note)
                if side_of.setdefault(row["image_path"], split) != split:
                    both[row["image_path"]] = None
        except (OSError, ValueError) as error:
            note("file_unreadable", f"{name}: {error}")
            continue
        if held != told:
            note("rows_missing", f"{name} holds {held} rows, the release {told}")
    for path in both:
        note("image_in_both_splits", path)
    return examples_of


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file; only a line feed ends a line, since texts may hold what Unicode calls a line separator."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def _check_row(
    line: dict[str, Any],
    row: Row,
    folder: Path,
    sizes: Mapping[str, Any],
    note: Callable[[str, str], None],
) -> None:
    label = str(row["sample_id"])
    if tuple(line) != FIELDS or any(line[f] != row[f] for f in FIELDS):
        note("row_changed", label)
        return
    for name in ("problem", "answer", "refined_cot"):
        for code in text_defects(line[name]):
            if not (code == "empty" and name == "answer"):  # "+" is an answer; the rule check covers it
                note(f"{code}_in_{name}", label)
    path = line["image_path"]
    try:
        if (folder / "images" / path).stat().st_size != sizes[path]["bytes"]:
            note("image_changed", path)
    except (OSError, KeyError):
        note("image_missing", path)
    if line["reward"] == "rule":
        verdict = verify(TypedAnswer.from_json(row["answer_typed"]), line["answer"], extracted=True)
        if verdict is not Verdict.CORRECT:
            note("rule_row_unverifiable", f"{label}: {verdict}")
