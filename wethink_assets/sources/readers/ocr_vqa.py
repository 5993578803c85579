"""OCR-VQA: `dataset.json`, from ASIN to questions and answers, title, author and genre of a book cover.

Belongs here: both listings of book covers. Does not belong here: JSON that is not as it should be (files.py).

Also reads the listing of the Book Covers set that OCR-VQA was drawn from:
`"ASIN","file","imageURL","title","author","class id","class"`, in Latin-1, without a header.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector, ForeignFileError
from wethink_assets.sources.annotations import QA, ImageAnnotations, OcrToken
from wethink_assets.sources.readers.files import index, mapping, pairs, text, texts

COLUMNS = 7  # of the listing
SPLITS = {1: "train", 2: "val", 3: "test"}


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find("dataset.json"):
        with collector.reading(file):
            for asin, book in pairs(file):
                book = mapping(book)
                if uris := collector.numbered(asin):
                    asked = zip(_list(book.get("questions")), _list(book.get("answers")), strict=False)
                    qa = tuple(QA(text(q), texts(a)) for q, a in asked)
                    printed = _printed(book.get("title"), book.get("authorName"), book.get("genre"))
                    collector.add(uris, ImageAnnotations(qa=qa).plus(printed))
                    if split := SPLITS.get(index(book.get("split")) or 0):
                        collector.split(uris, split)
    for file in tree.find("book*listing*.csv"):
        with collector.reading(file), file.open() as raw, io.TextIOWrapper(raw, "latin-1", newline="") as handle:
            listed = False
            for row in csv.reader(handle):
                listed = listed or len(row) == COLUMNS
                if len(row) == COLUMNS and (uris := collector.named(row[1], file)):
                    collector.add(uris, _printed(row[3], row[4], row[6]))
            if not listed:
                raise ForeignFileError(f"no row of {COLUMNS} columns")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _printed(title: Any, author: Any, genre: Any) -> ImageAnnotations:
    """Title and author are printed on the cover; the genre is not."""
    named = {"title": text(title), "author": text(author), "genre": text(genre)}
    tokens = tuple(OcrToken(named[k]) for k in ("title", "author") if named[k])
    return ImageAnnotations(text_tokens=tokens, facts=tuple((k, v) for k, v in named.items() if v))
