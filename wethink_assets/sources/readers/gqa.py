"""GQA: scene graphs and questions, both keyed by id, joined by image id (text, with leading zeros kept).

Belongs here: GQA's objects, relations and questions. Does not belong here: Visual Genome's own files of the same images
(vg.py), streaming JSON (files.py).
"""

from __future__ import annotations

from resources.storage.tree import File, Tree
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.annotations import QA, ImageAnnotations, ObjectAnnotation, Relation
from wethink_assets.sources.readers.files import dicts, mapping, pairs, split_of_name, text, texts, xywh


def annotate(tree: Tree, collector: AnnotationCollector) -> None:
    for file in tree.find("*sceneGraphs.json"):
        with collector.reading(file):
            for image_id, graph in pairs(file):
                if uris := collector.numbered(image_id):
                    collector.add(uris, _scene(mapping(mapping(graph).get("objects"))))
                    _split(file, uris, collector)
    for file in tree.find("*_questions.json", "*_questions_[0-9]*.json"):
        with collector.reading(file):
            for _, asked in pairs(file):
                asked = mapping(asked)
                if uris := collector.numbered(asked.get("imageId")):
                    collector.add(
                        uris, ImageAnnotations(qa=(QA(text(asked.get("question")), texts(asked.get("answer"))),))
                    )
                    _split(file, uris, collector)


def _split(file: File, uris: list[str], collector: AnnotationCollector) -> None:
    if split := split_of_name(file):
        collector.split(uris, split)


def _scene(objects: dict) -> ImageAnnotations:
    names = {key: text(mapping(o).get("name")) for key, o in objects.items()}
    things, relations = [], []
    for key, thing in objects.items():
        thing = mapping(thing)
        box = xywh(thing.get("x"), thing.get("y"), thing.get("w"), thing.get("h"))
        things.append(ObjectAnnotation(names[key], box, texts(thing.get("attributes"))))
        for relation in dicts(thing.get("relations")):
            other = relation.get("object")
            named = names.get(str(other), "") if isinstance(other, (str, int)) else ""
            if named:
                relations.append(Relation(names[key], text(relation.get("name")), named))
    return ImageAnnotations(objects=tuple(things), relations=tuple(relations))
