"""TextVQA: questions with ten answers, image classes, and the OCR tokens of its Rosetta files.

Belongs here: TextVQA's questions, classes and OCR tokens. Does not belong here: recognising text in an image, JSON that
is not as it should be (files.py).
"""

from __future__ import annotations

from typing import Any

from resources.storage.tree import Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations, ObjectAnnotation, OcrToken
from wethink_assets.sources.readers.files import dicts, mapping, numbers, rows, split_of_name, text, texts


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find("TextVQA_*.json", "TextVQA_*.jsonl"):
        with collector.reading(file):
            for row in rows(file, collector, "data", having=("image_id",)):
                if uris := collector.numbered(row.get("image_id")):
                    collector.add(uris, _context(row))
                    if split := text(row.get("set_name")) or split_of_name(file):
                        collector.split(uris, split)


def _context(row: dict[str, Any]) -> ImageAnnotations:
    asked = text(row.get("question"))
    qa = (QA(asked, texts(row.get("answers"))),) if asked else ()
    classes = tuple(ObjectAnnotation(name) for name in texts(row.get("image_classes")))
    boxed = [_token(t, row) for t in dicts(row.get("ocr_info"))]
    tokens = tuple(boxed) or tuple(OcrToken(t) for t in texts(row.get("ocr_tokens")))
    return ImageAnnotations(objects=classes, text_tokens=tokens, qa=qa)


def _token(token: dict[str, Any], row: dict[str, Any]) -> OcrToken:
    """Boxes are shares of the image's size."""
    box = mapping(token.get("bounding_box"))
    size = numbers(row.get("image_width"), row.get("image_height"))
    shares = numbers(*(box.get(k, box.get(s)) for k, s in _SIDES))
    if size is None or shares is None:
        return OcrToken(text(token.get("word")))
    x, y, w, h = shares
    return OcrToken(text(token.get("word")), (x * size[0], y * size[1], w * size[0], h * size[1]))


_SIDES = (("top_left_x", "topLeftX"), ("top_left_y", "topLeftY"), ("width", "width"), ("height", "height"))
