"""ChartQA: questions by people and by machine, the table behind each chart, and its kind.

Traps: tables have CRLF, OCR noise and `nan` (an empty cell here); labels are always text.
"""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

from wethink_assets.sources.context import LIMITS, QA, Context, Table
from wethink_assets.sources.reading import Wanted
from wethink_assets.sources.readers.files import (
    beside, find, mapping, rows, small_json, split_of_name, text, texts,
)


def annotate(folder: Path, wanted: Wanted) -> None:
    for path in find(folder, "*_human.json", "*_augmented.json"):
        with wanted.reading(path):
            for row in rows(path, wanted):
                if uris := wanted.named(row.get("imgname"), path):
                    wanted.add(uris, Context(qa=(QA(text(row.get("query")), texts(row.get("label"))),)))
                    if split := split_of_name(path):
                        wanted.split(uris, split)
    for uri in wanted.uris:
        image = wanted.root / uri
        path = image.parent.parent / "tables" / f"{image.stem}.csv"
        if beside(path, folder):
            with wanted.reading(path):
                wanted.add([uri], Context(table=_table(path)))
        path = image.parent.parent / "annotations" / f"{image.stem}.json"
        if beside(path, folder):
            with wanted.reading(path):
                if kind := text(mapping(small_json(path)).get("type")):
                    wanted.add([uri], Context(facts=(("chart type", kind),)))


def _table(path: Path) -> Table | None:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        found = [_cells(row) for row in islice(csv.reader(handle), LIMITS["table"] + 1)]
    return Table(found[0], tuple(found[1:])) if found else None


def _cells(row: list[str]) -> tuple[str, ...]:
    return tuple("" if cell.strip().lower() == "nan" else cell.strip() for cell in row)
