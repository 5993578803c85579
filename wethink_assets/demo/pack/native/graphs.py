"""Visual Genome and GQA: objects, attributes, relations and questions.

Belongs here: both projects' files and their differences in ids and boxes. Does not belong here: reading them
(wethink_assets/sources/readers/).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wethink_assets.demo.pack.native.streams import dump_array, dump_mapping
from wethink_assets.demo.pack.plan import Picture, Pictures


def write_vg(folder: Path, pictures: Pictures) -> None:
    dump_array(
        folder / "image_data.json",
        (
            {
                "width": p.width,
                "url": f"https://cs.stanford.edu/people/rak248/{p.name}",
                "height": p.height,
                "image_id": p.number,
                "coco_id": None,
                "flickr_id": None,
            }
            for p in pictures
        ),
    )
    dump_array(
        folder / "objects.json",
        (
            {
                "image_id": p.number,
                "objects": [_object(p, i, "names") for i in range(len(p.scene.objects))],
                "image_url": f"https://cs.stanford.edu/people/rak248/{p.name}",
            }
            for p in pictures
        ),
    )
    dump_array(
        folder / "attributes.json",
        (
            {
                "image_id": p.number,
                "attributes": [
                    {**_object(p, i, "names"), **({"attributes": attributes} if (attributes := _attributes(o)) else {})}
                    for i, o in enumerate(p.scene.objects)
                ],
            }
            for p in pictures
        ),
    )
    dump_array(
        folder / "relationships.json",
        (
            {"relationships": [_relationship(p, i, r) for i, r in enumerate(p.scene.relations)], "image_id": p.number}
            for p in pictures
        ),
    )
    dump_array(
        folder / "region_descriptions.json",
        ({"regions": [_region(p, i, o) for i, o in enumerate(p.scene.objects)], "id": p.number} for p in pictures),
    )
    dump_array(
        folder / "question_answers.json",
        (
            {
                "id": p.number,
                "qas": [
                    {
                        "a_objects": [],
                        "question": q,
                        "image_id": p.number,
                        "qa_id": p.number * 100 + i,
                        "answer": f"{a}.",
                        "q_objects": [],
                    }
                    for i, (q, a) in enumerate(questions(p))
                ],
            }
            for p in pictures
        ),
    )


def questions(p: Picture) -> Iterator[tuple[str, str]]:
    """Short questions with answers; planted benchmark questions come last."""
    for item in p.scene.items:
        if item.category == "FIB":
            yield item.question, item.answer
    yield from p.questions


def _attributes(o: dict[str, Any]) -> list[str]:
    return [a for a in (o["colour"], *o["attributes"]) if a]


def _object(p: Picture, i: int, form: str) -> dict[str, Any]:
    """`form` is `names` or `name`: Visual Genome uses both, even within one file."""
    o = p.scene.objects[i]
    name = {"names": [o["name"]]} if form == "names" else {"name": o["name"]}
    return {
        "synsets": [f"{o['name']}.n.01"],
        "h": o["h"],
        "object_id": p.number * 100 + i,
        "merged_object_ids": [],
        **name,
        "w": o["w"],
        "y": o["y"],
        "x": o["x"],
    }


def _relationship(p: Picture, i: int, r: dict[str, Any]) -> dict[str, Any]:
    predicate = str(r["predicate"])
    return {
        "predicate": predicate.upper() if i % 2 else predicate,
        "object": _object(p, r["object"], "names"),
        "relationship_id": p.number * 100 + i,
        "synsets": [],
        "subject": _object(p, r["subject"], "name" if i % 2 == 0 else "names"),
    }


def _region(p: Picture, i: int, o: dict[str, Any]) -> dict[str, Any]:
    phrase = f"the {o['name']} is {o['colour']}" if o["colour"] else f"a {o['name']}"
    return {
        "region_id": p.number * 100 + i,
        "width": o["w"],
        "height": o["h"],
        "image_id": p.number,
        "phrase": phrase,
        "y": o["y"],
        "x": o["x"],
    }


def write_gqa(folder: Path, pictures: Pictures) -> None:
    for split in ("train", "val"):
        dump_mapping(
            folder / f"{split}_sceneGraphs.json",
            ((str(p.number), _scene_graph(p)) for p in pictures if p.split == split),
        )
        dump_mapping(
            folder / f"{split}_balanced_questions.json",
            (pair for p in pictures if p.split == split for pair in _balanced(p)),
        )


def _scene_graph(p: Picture) -> dict[str, Any]:
    objects = {}
    for i, o in enumerate(p.scene.objects):
        relations = [
            {"name": str(r["predicate"]), "object": str(p.number * 10 + r["object"])}
            for r in p.scene.relations
            if r["subject"] == i
        ]
        objects[str(p.number * 10 + i)] = {
            "name": o["name"],
            "h": o["h"],
            "relations": relations,
            "w": o["w"],
            "attributes": _attributes(o),
            "y": o["y"],
            "x": o["x"],
        }
    return {"width": p.width, "objects": objects, "height": p.height}


def _balanced(p: Picture) -> Iterator[tuple[str, dict[str, Any]]]:
    main = str(p.number * 10)
    for i, (question, answer) in enumerate(questions(p)):
        key = f"{p.position * 10 + i:08d}"
        name = p.scene.objects[0]["name"]
        yield (
            key,
            {
                "semantic": [
                    {"operation": "select", "dependencies": [], "argument": f"{name} ({main})"},
                    {"operation": "query", "dependencies": [0], "argument": "color"},
                ],
                "entailed": [],
                "equivalent": [key],
                "question": question,
                "imageId": str(p.number),
                "isBalanced": True,
                "groups": {"global": "color", "local": f"10c-{name}"},
                "answer": answer,
                "semanticStr": f"select: {name} ({main})->query: color [0]",
                "annotations": {"answer": {}, "question": {"4": main}, "fullAnswer": {"1": main}},
                "types": {"detailed": "directOf", "semantic": "attr", "structural": "query"},
                "fullAnswer": f"{answer[:1].upper()}{answer[1:]}.",
            },
        )
