"""Visual Genome: objects, attributes, relationships, region descriptions and questions, joined by image id.

Belongs here: the project's files and how they are joined. Does not belong here: GQA's scene graphs of the same images
(gqa.py), streaming JSON (files.py).

Traps: objects carry either `name` or `names`; predicates come in mixed case; some entries have no image id,
or call it `id`.
"""

from __future__ import annotations

from typing import Any

from resources.storage.tree import File, Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations, ObjectAnnotation, Relation
from wethink_assets.sources.readers.files import dicts, entries, mapping, text, texts, xywh

Attributes = dict[tuple[str, Any], tuple[str, ...]]


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    attributes: Attributes = {}
    for file in tree.find("attributes.json"):
        with collector.reading(file):
            for uris, entry in _images(file, collector):
                for thing in dicts(entry.get("attributes")):
                    for uri in uris:
                        attributes[uri, _hashable(thing.get("object_id"))] = texts(thing.get("attributes"))
    for file in tree.find("objects.json"):
        with collector.reading(file):
            for uris, entry in _images(file, collector):
                for uri in uris:
                    things = (_thing(o, uri, attributes) for o in dicts(entry.get("objects")))
                    collector.add([uri], ImageAnnotations(objects=tuple(things)))
    for file in tree.find("relationships.json"):
        with collector.reading(file):
            for uris, entry in _images(file, collector):
                relations = (_relation(r) for r in dicts(entry.get("relationships")))
                collector.add(uris, ImageAnnotations(relations=tuple(r for r in relations if r.subject and r.object)))
    regions = tree.find("region_descriptions.json") or tree.find("region_graphs.json")
    for file in regions:
        with collector.reading(file):
            for uris, entry in _images(file, collector):
                collector.add(
                    uris, ImageAnnotations(captions=tuple(text(r.get("phrase")) for r in dicts(entry.get("regions"))))
                )
    for file in tree.find("question_answers.json"):
        with collector.reading(file):
            for uris, entry in _images(file, collector):
                asked = (QA(text(q.get("question")), texts(q.get("answer"))) for q in dicts(entry.get("qas")))
                collector.add(uris, ImageAnnotations(qa=tuple(asked)))


def _images(file: File, collector: AnnotationCollector):
    for entry in entries(file):
        entry = mapping(entry)
        inner = next((v for v in entry.values() if isinstance(v, list)), [])
        image_id = entry.get("image_id", entry.get("id"))
        if image_id is None and dicts(inner):
            image_id = dicts(inner)[0].get("image_id")
        if uris := collector.numbered(image_id):
            yield uris, entry


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (int, str)) else None


def _name(thing: Any) -> str:
    thing = mapping(thing)
    return next(iter(texts(thing.get("names"))), "") or text(thing.get("name"))


def _thing(thing: dict[str, Any], uri: str, attributes: Attributes) -> ObjectAnnotation:
    box = xywh(thing.get("x"), thing.get("y"), thing.get("w"), thing.get("h"))
    return ObjectAnnotation(_name(thing), box, attributes.get((uri, _hashable(thing.get("object_id"))), ()))


def _relation(relation: dict[str, Any]) -> Relation:
    predicate = text(relation.get("predicate")).lower()
    return Relation(_name(relation.get("subject")), predicate, _name(relation.get("object")))
