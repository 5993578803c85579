"""AI2D: per image one file of questions and one of text boxes, blobs and arrows; `categories.json`.

Belongs here: AI2D's files and how they name an image. Does not belong here: JSON that is not as it should be
(files.py).

Answers count from 0. `abc_images` are the same diagrams with their labels replaced by letters.
"""

from __future__ import annotations

from typing import Any

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations, OcrToken
from wethink_assets.sources.readers.files import corners, index, mapping, of_each, pairs, text, texts


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for uri, file, content in of_each(tree, collector, lambda path: [f"questions/{path.rsplit('/', 1)[-1]}.json"]):
        with collector.reading(file):
            asked = mapping(mapping(content.json()).get("questions"))
            collector.add([uri], ImageAnnotations(qa=tuple(_qa(q, mapping(how)) for q, how in asked.items())))
    for uri, file, content in of_each(tree, collector, lambda path: [f"annotations/{path.rsplit('/', 1)[-1]}.json"]):
        with collector.reading(file):
            collector.add([uri], _marked(mapping(content.json()), "abc_images" in uri.split("/")))
    for file in tree.find("categories.json"):
        with collector.reading(file):
            for name, category in pairs(file):
                if uris := collector.named(name, file):
                    collector.add(uris, ImageAnnotations(facts=(("category", text(category)),)))


def _qa(question: str, how: dict[str, Any]) -> QA:
    options = texts(how.get("answerTexts"))
    right = index(how.get("correctAnswer"))
    return QA(text(question), (options[right],) if right is not None and right < len(options) else (), options)


def _marked(marks: dict[str, Any], letters: bool) -> ImageAnnotations:
    tokens = []
    for mark in mapping(marks.get("text")).values():
        mark = mapping(mark)
        letter = text(mark.get("replacementText")) if letters else ""
        tokens.append(OcrToken(letter or text(mark.get("value")), _box(mark.get("rectangle"))))
    return ImageAnnotations(text_tokens=tuple(tokens), masks=len(mapping(marks.get("blobs"))))


def _box(rectangle: Any):
    points = rectangle if isinstance(rectangle, list) and len(rectangle) == 2 else []
    whole = points and all(isinstance(p, list) and len(p) == 2 for p in points)
    return corners(*points[0], *points[1]) if whole else None
