"""DocVQA: questions on pages, joined by the page's file name, and the OCR files where a user has them.

Belongs here: DocVQA's questions and the OCR output's lines. Does not belong here: JSON that is not as it should be
(files.py), recognising text in a page.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations, OcrToken
from wethink_assets.sources.readers.files import (
    corners,
    dicts,
    mapping,
    of_each,
    rows,
    split_of_name,
    text,
    texts,
)


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find("*_v1.0*.json"):
        with collector.reading(file):
            for row in rows(file, collector, "data", having=("image",)):
                if uris := collector.named(row.get("image"), file):
                    collector.add(uris, _context(row))
                    if split := text(row.get("data_split")) or split_of_name(file):
                        collector.split(uris, split)
    for uri, file, content in of_each(tree, collector, _read_by_machine):
        with collector.reading(file):
            collector.add([uri], ImageAnnotations(text_tokens=_lines(content.json())))


def _read_by_machine(path: str) -> list[str]:
    image = PurePosixPath(path)
    return [str(place / "ocr_results" / f"{image.stem}.json") for place in (PurePosixPath(), image.parent.parent)]


def _context(row: dict[str, Any]) -> ImageAnnotations:
    facts = tuple(("question type", kind) for kind in texts(row.get("question_types"))[:1])
    return ImageAnnotations(qa=(QA(text(row.get("question")), texts(row.get("answers"))),), facts=facts)


def _lines(content: Any) -> tuple[OcrToken, ...]:
    pages = dicts(mapping(content).get("recognitionResults"))
    return tuple(
        OcrToken(text(line.get("text")), _around(line.get("boundingBox")))
        for p in pages
        for line in dicts(p.get("lines"))
    )


def _around(points: Any):
    """Eight numbers: the four corners, clockwise from the top left."""
    whole = isinstance(points, list) and len(points) == 8
    return corners(points[0], points[1], points[4], points[5]) if whole else None
