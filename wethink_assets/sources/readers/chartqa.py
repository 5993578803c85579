"""ChartQA: questions by people and by machine, the table behind each chart, and its kind.

Belongs here: ChartQA's questions, tables and kinds. Does not belong here: JSON that is not as it should be (files.py).

Traps: tables have CRLF, OCR noise and `nan` (an empty cell here); labels are always text.
"""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import PurePosixPath

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import LIMITS, QA, ImageAnnotations, Table
from wethink_assets.sources.readers.files import (
    mapping,
    of_each,
    rows,
    split_of_name,
    text,
    texts,
)


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find("*_human.json", "*_augmented.json"):
        with collector.reading(file):
            for row in rows(file, collector, having=("imgname",)):
                if uris := collector.named(row.get("imgname"), file):
                    collector.add(uris, ImageAnnotations(qa=(QA(text(row.get("query")), texts(row.get("label"))),)))
                    if split := split_of_name(file):
                        collector.split(uris, split)
    for uri, file, content in of_each(tree, collector, lambda path: [_near(path, "tables", ".csv")]):
        with collector.reading(file):
            collector.add([uri], ImageAnnotations(table=_table(content.bytes())))
    for uri, file, content in of_each(tree, collector, lambda path: [_near(path, "annotations", ".json")]):
        with collector.reading(file):
            if kind := text(mapping(content.json()).get("type")):
                collector.add([uri], ImageAnnotations(facts=(("chart type", kind),)))


def _near(path: str, folder: str, suffix: str) -> str:
    """The file of an image `<split>/png/<name>.png` in another folder of its split."""
    image = PurePosixPath(path)
    return str(image.parent.parent / folder / (image.stem + suffix))


def _table(content: bytes) -> Table | None:
    lines = io.StringIO(content.decode("utf-8-sig", errors="replace"), newline="")
    cells = [_cells(row) for row in islice(csv.reader(lines), LIMITS["table"] + 1)]
    return Table(cells[0], tuple(cells[1:])) if cells else None


def _cells(row: list[str]) -> tuple[str, ...]:
    return tuple("" if cell.strip().lower() == "nan" else cell.strip() for cell in row)
