"""CLEVR scenes and questions, and CLEVR-Math questions, joined by image file name.

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


def annotate(tree: Tree, wanted: AnnotationCollector) -> None:
    for file in tree.find("CLEVR_*scenes*.json"):
        with wanted.reading(file):
            for scene in entries(file, "scenes"):
                if uris := _about(mapping(scene), file, wanted):
                    wanted.add(uris, _scene(scene))
    for file in tree.find("CLEVR_*questions*.json"):
        with wanted.reading(file):
            for asked in entries(file, "questions"):
                _ask(mapping(asked), mapping(asked).get("answer"), file, wanted)
    for file in tree.find("*[mM]ath*.json", "*[mM]ath*.jsonl"):
        with wanted.reading(file):
            for asked in rows(file, wanted):
                _ask(asked, asked.get("label", asked.get("answer")), file, wanted)


def _about(entry: dict[str, Any], file: File, wanted: AnnotationCollector) -> list[str]:
    uris = wanted.named(entry.get("image_filename", entry.get("image")), file)
    if uris and (split := text(entry.get("split"))):
        wanted.split(uris, split)
    return uris


def _ask(entry: dict[str, Any], answer: Any, file: File, wanted: AnnotationCollector) -> None:
    if uris := _about(entry, file, wanted):
        said = {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else answer
        wanted.add(uris, ImageAnnotations(qa=(QA(text(entry.get("question")), texts(said)),)))


def _scene(scene: dict[str, Any]) -> ImageAnnotations:
    things = dicts(scene.get("objects"))
    names = [f"{text(o.get('shape'))} {number}" for number, o in enumerate(things, 1)]
    made = tuple(
        ObjectAnnotation(name, None, texts([o.get("size"), o.get("color"), o.get("material")]))
        for name, o in zip(names, things, strict=True)
    )
    return ImageAnnotations(objects=made, relations=tuple(_relations(mapping(scene.get("relationships")), names)))


def _relations(relationships: dict[str, Any], names: list[str]) -> Iterator[Relation]:
    """`relationships[d][i]` lists the objects that lie in direction d of object i."""
    for direction, said in DIRECTIONS.items():
        lists = relationships.get(direction)
        for target, others in enumerate(lists if isinstance(lists, list) else []):
            for other in others if isinstance(others, list) else []:
                number = index(other)
                if number is not None and number < len(names) and target < len(names):
                    yield Relation(names[number], said, names[target])
