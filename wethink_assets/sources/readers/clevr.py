"""CLEVR scenes and questions, and CLEVR-Math questions, joined by image file name.

Belongs here: objects, directions and questions of both projects' files. Does not belong here: JSON that is not as it
should be (files.py).

Only `left` and `front` are kept of the four directions: the others are their inverses. Objects of one kind
are told apart by their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resources.storage.tree import File, Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations, ObjectAnnotation, Relation
from wethink_assets.sources.readers.files import dicts, entries, index, mapping, rows, text, texts

DIRECTIONS = {"left": "is left of", "front": "is in front of"}


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find("CLEVR_*scenes*.json"):
        with collector.reading(file):
            for scene in entries(file, "scenes", some=True):
                if uris := _about(mapping(scene), file, collector):
                    collector.add(uris, _scene(scene))
    for file in tree.find("CLEVR_*questions*.json"):
        with collector.reading(file):
            for asked in entries(file, "questions", some=True):
                _ask(mapping(asked), mapping(asked).get("answer"), file, collector)
    for file in tree.find("*[mM]ath*.json", "*[mM]ath*.jsonl"):
        with collector.reading(file):
            for asked in rows(file, collector, having=("image_filename", "image")):
                _ask(asked, asked.get("label", asked.get("answer")), file, collector)


def _about(entry: dict[str, Any], file: File, collector: AnnotationCollector) -> list[str]:
    uris = collector.named(entry.get("image_filename", entry.get("image")), file)
    if uris and (split := text(entry.get("split"))):
        collector.split(uris, split)
    return uris


def _ask(entry: dict[str, Any], answer: Any, file: File, collector: AnnotationCollector) -> None:
    if uris := _about(entry, file, collector):
        reply = {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else answer
        collector.add(uris, ImageAnnotations(qa=(QA(text(entry.get("question")), texts(reply)),)))


def _scene(scene: dict[str, Any]) -> ImageAnnotations:
    things = dicts(scene.get("objects"))
    names = [f"{text(o.get('shape'))} {number}" for number, o in enumerate(things, 1)]
    objects = tuple(
        ObjectAnnotation(name, None, texts([o.get("size"), o.get("color"), o.get("material")]))
        for name, o in zip(names, things, strict=True)
    )
    return ImageAnnotations(objects=objects, relations=tuple(_relations(mapping(scene.get("relationships")), names)))


def _relations(relationships: dict[str, Any], names: list[str]) -> Iterator[Relation]:
    """`relationships[d][i]` lists the objects that lie in direction d of object i."""
    for direction, phrase in DIRECTIONS.items():
        lists = relationships.get(direction)
        for target, others in enumerate(lists if isinstance(lists, list) else []):
            for other in others if isinstance(others, list) else []:
                number = index(other)
                if number is not None and number < len(names) and target < len(names):
                    yield Relation(names[number], phrase, names[target])
