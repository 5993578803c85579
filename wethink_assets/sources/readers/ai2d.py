"""AI2D: per image one file of questions and one of text boxes, blobs and arrows; `categories.json`.

Answers count from 0. `abc_images` are the same diagrams with their labels replaced by letters.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wethink_assets.sources.context import QA, Context, Token
from wethink_assets.sources.reading import Wanted
from wethink_assets.sources.readers.files import beside, corners, find, index, mapping, pairs, small_json, text, texts


def annotate(folder: Path, wanted: Wanted) -> None:
    for uri in wanted.uris:
        name = uri.rsplit("/", 1)[-1]
        letters = "abc_images" in uri.split("/")
        path = folder / "questions" / f"{name}.json"
        if beside(path, folder):
            with wanted.reading(path):
                asked = mapping(mapping(small_json(path)).get("questions"))
                wanted.add([uri], Context(qa=tuple(_qa(q, mapping(how)) for q, how in asked.items())))
        path = folder / "annotations" / f"{name}.json"
        if beside(path, folder):
            with wanted.reading(path):
                wanted.add([uri], _marked(mapping(small_json(path)), letters))
    for path in find(folder, "categories.json"):
        with wanted.reading(path):
            for name, category in pairs(path):
                if uris := wanted.named(name, path):
                    wanted.add(uris, Context(facts=(("category", text(category)),)))


def _qa(question: str, how: dict[str, Any]) -> QA:
    options = texts(how.get("answerTexts"))
    right = index(how.get("correctAnswer"))
    return QA(text(question), (options[right],) if right is not None and right < len(options) else (), options)


def _marked(found: dict[str, Any], letters: bool) -> Context:
    tokens = []
    for mark in mapping(found.get("text")).values():
        mark = mapping(mark)
        said = text(mark.get("replacementText")) if letters else ""
        tokens.append(Token(said or text(mark.get("value")), _box(mark.get("rectangle"))))
    return Context(text_tokens=tuple(tokens), masks=len(mapping(found.get("blobs"))))


def _box(rectangle: Any):
    points = rectangle if isinstance(rectangle, list) and len(rectangle) == 2 else []
    whole = points and all(isinstance(p, list) and len(p) == 2 for p in points)
    return corners(*points[0], *points[1]) if whole else None
