"""People in Social Context: boxes of people, and how pairs of them relate.

Belongs here: PISC's boxes, pairs and labels. Does not belong here: JSON that is not as it should be (files.py).

`relationship.json`: image id → 'p0 p1' → label 1–6. `image_info.json`: image id, size and boxes (two corners).
Persons are named by their number in the file, which counts from 0 or 1 as the file does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resources.storage.tree import File, Tree
from wethink_assets.sources.annotation_join import AnnotationCollector, ForeignFileError
from wethink_assets.sources.annotations import ImageAnnotations, ObjectAnnotation, Relation
from wethink_assets.sources.readers.files import corners, entries, index, mapping, pairs, split_of_name, text

LABELS = {
    1: "are friends",
    2: "are family",
    3: "are a couple",
    4: "are in a professional relation",
    5: "are in a commercial relation",
    6: "have no relation",
}


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    first = 1  # until a pair names person 0
    for file in tree.find("relationship.json"):
        with collector.reading(file):
            for image_id, related in pairs(file):
                if any(str(pair).split()[:1] == ["0"] for pair in mapping(related)):
                    first = 0
                if uris := collector.numbered(image_id) or collector.named(image_id, file):
                    collector.add(uris, ImageAnnotations(relations=tuple(_relations(mapping(related)))))
    for file in tree.find("image_info.json"):
        with collector.reading(file):
            for image_id, info in _infos(file):
                if uris := collector.numbered(image_id) or collector.named(image_id, file):
                    boxes = info.get("bbox", info.get("boxes"))
                    collector.add(uris, ImageAnnotations(objects=tuple(_persons(boxes, first))))
    for file in tree.find("relation_*idx.json"):
        split = split_of_name(file)
        with collector.reading(file):
            for image_id in entries(file):
                if split:
                    collector.split(collector.numbered(image_id), split)


def _relations(related: dict[str, Any]) -> Iterator[Relation]:
    for pair, label in related.items():
        persons = pair.split()
        if len(persons) == 2 and (relation := LABELS.get(index(label) or 0)):
            yield Relation(f"person {text(persons[0])}", relation, f"person {text(persons[1])}")


def _infos(file: File) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The file is a list of objects with `id`, or one object keyed by id."""
    try:
        for info in entries(file):
            info = mapping(info)
            yield info.get("id", info.get("image_id", info.get("imgName"))), info
    except ForeignFileError:
        for image_id, info in pairs(file):
            yield image_id, mapping(info)


def _persons(boxes: Any, first: int) -> Iterator[ObjectAnnotation]:
    for number, box in enumerate(boxes if isinstance(boxes, list) else []):
        if isinstance(box, list) and len(box) == 4 and (placed := corners(*box)):
            yield ObjectAnnotation(f"person {number + first}", placed)
