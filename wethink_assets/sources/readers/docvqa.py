"""DocVQA: questions on pages, joined by the page's file name, and the OCR files where a user has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wethink_assets.sources.context import QA, Context, Token
from wethink_assets.sources.reading import Wanted
from wethink_assets.sources.readers.files import (
    beside, corners, dicts, find, mapping, rows, small_json, split_of_name, text, texts,
)


def annotate(folder: Path, wanted: Wanted) -> None:
    for path in find(folder, "*_v1.0*.json"):
        with wanted.reading(path):
            for row in rows(path, wanted, "data"):
                if uris := wanted.named(row.get("image"), path):
                    wanted.add(uris, _context(row))
                    if split := text(row.get("data_split")) or split_of_name(path):
                        wanted.split(uris, split)
    for uri in wanted.uris:
        image = wanted.root / uri
        for place in (folder / "ocr_results", image.parent.parent / "ocr_results"):
            path = place / f"{image.stem}.json"
            if beside(path, folder):
                with wanted.reading(path):
                    wanted.add([uri], Context(text_tokens=_lines(small_json(path))))
                break


def _context(row: dict[str, Any]) -> Context:
    facts = tuple(("question type", kind) for kind in texts(row.get("question_types"))[:1])
    return Context(qa=(QA(text(row.get("question")), texts(row.get("answers"))),), facts=facts)


def _lines(found: Any) -> tuple[Token, ...]:
    pages = dicts(mapping(found).get("recognitionResults"))
    return tuple(
        Token(text(line.get("text")), _around(line.get("boundingBox"))) for p in pages for line in dicts(p.get("lines"))
    )


def _around(points: Any):
    """Eight numbers: the four corners, clockwise from the top left."""
    whole = isinstance(points, list) and len(points) == 8
    return corners(points[0], points[1], points[4], points[5]) if whole else None
