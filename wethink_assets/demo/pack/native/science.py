"""Sources of exercises: CLEVR, AI2D, ScienceQA, GeoQA+.

Belongs here: scenes, programs, problems and conversations as the projects write them. Does not belong here: reading
them (wethink_assets/sources/readers/), what an exercise asks (kinds/science.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wethink_assets.demo.pack.native.graphs import questions
from wethink_assets.demo.pack.native.streams import dump, dump_array, dump_mapping, dump_object, replacing
from wethink_assets.demo.pack.plan import Picture, Pictures

INFO = {"date": "07/11/2016", "version": "1.0", "license": "Creative Commons Attribution (CC BY 4.0)"}
DIRECTIONS = {
    "right": [0.65, 0.75, 0.0],
    "behind": [-0.75, 0.65, 0.0],
    "above": [0.0, 0.0, 1.0],
    "below": [0.0, 0.0, -1.0],
    "left": [-0.65, -0.75, 0.0],
    "front": [0.75, -0.65, 0.0],
}


def write_clevr(folder: Path, pictures: Pictures) -> None:
    for split in ("train", "val"):
        head = {"info": {**INFO, "split": split}}
        dump_object(
            folder / f"scenes/CLEVR_{split}_scenes.json",
            head,
            {"scenes": (_clevr_scene(p) for p in pictures if p.split == split)},
        )
        dump_object(
            folder / f"questions/CLEVR_{split}_questions.json",
            head,
            {"questions": (q for p in pictures if p.split == split for q in _clevr_questions(p))},
        )
    dump_array(
        folder / "questions/clevr-math-train.json",
        (
            {
                "template": "subtraction",
                "id": f"CLEVR_Math_{p.position}",
                "question": item.question,
                "image": p.file_name,
                "label": int(item.answer),
            }
            for p in pictures
            for item in p.scene.items
            if item.key == "subtract"
        ),
    )


def _clevr_scene(p: Picture) -> dict[str, Any]:
    objects = p.scene.objects
    middle = [(o["x"] + o["w"] / 2, o["y"] + o["h"] / 2) for o in objects]
    rng = p.rng("clevr")

    def beside(test: Any) -> list[list[int]]:
        return [[j for j, b in enumerate(middle) if j != i and test(a, b)] for i, a in enumerate(middle)]

    return {
        "image_index": p.position,
        "image_filename": p.file_name,
        "split": p.split,
        "directions": DIRECTIONS,
        "objects": [
            {
                "color": o["colour"],
                "size": o["attributes"][0] if o["attributes"] else "large",
                "rotation": round(rng.uniform(0, 360), 6),
                "shape": o["name"],
                "3d_coords": [round((x - p.width / 2) / 60, 6), round((y - p.height / 2) / 40, 6), 0.7],
                "material": o["attributes"][-1] if o["attributes"] else "rubber",
                "pixel_coords": [int(x * 4 / 3), int(y * 4 / 3), round(rng.uniform(8, 14), 6)],
            }
            for o, (x, y) in zip(objects, middle, strict=True)
        ],
        "relationships": {
            "right": beside(lambda a, b: b[0] > a[0]),
            "left": beside(lambda a, b: b[0] < a[0]),
            "behind": beside(lambda a, b: b[1] < a[1]),
            "front": beside(lambda a, b: b[1] > a[1]),
        },
    }


def _clevr_questions(p: Picture) -> Iterator[dict[str, Any]]:
    for i, (question, answer) in enumerate(questions(p)):
        yield {
            "question_index": p.position * 10 + i,
            "question_family_index": 46 + i,
            "image_index": p.position,
            "question": question,
            "answer": answer,
            "image_filename": p.file_name,
            "split": p.split,
            "program": [
                {"value_inputs": [], "inputs": [], "function": "scene"},
                {"value_inputs": ["large"], "inputs": [0], "function": "filter_size"},
                {"value_inputs": [], "inputs": [1], "function": "unique"},
            ],
        }


def write_ai2d(folder: Path, pictures: Pictures) -> None:
    """Answers count from 0."""
    dump_mapping(
        folder / "categories.json",
        ((p.file_name, "foodChainsWebs" if p.scene.kind == "food_web" else "partsOfA") for p in pictures),
    )
    for p in pictures:
        path = folder / f"questions/{p.file_name}.json"
        if path.exists():
            continue
        asked = {
            item.question: {
                "abcLabel": item.key == "part",
                "answerTexts": list(item.options),
                "correctAnswer": "ABCD".index(item.answer),
                "questionId": f"{p.file_name}-{i}",
            }
            for i, item in enumerate(x for x in p.scene.items if x.category == "MC")
        }
        dump(path, {"imageName": p.file_name, "questions": asked})
        dump(
            folder / f"annotations/{p.file_name}.json",
            {
                "imageName": p.file_name,
                "blobs": {},
                "arrows": {},
                "relationships": {},
                "text": {
                    f"T{i}": {
                        "id": f"T{i}",
                        "value": t["word"],
                        "rectangle": [[t["x"], t["y"]], [t["x"] + t["w"], t["y"] + t["h"]]],
                    }
                    for i, t in enumerate(p.scene.tokens)
                },
            },
        )


def write_sqa(folder: Path, pictures: Pictures) -> None:
    """Every fourth image is followed by a problem of text alone, which has no image file."""
    dump_mapping(folder / "problems.json", (pair for p in pictures for pair in _problems(p)))
    with replacing(folder / "pid_splits.json") as out:
        json.dump({"train": [pid for p in pictures for pid, _ in _problems(p)], "val": [], "test": []}, out)


def _problems(p: Picture) -> Iterator[tuple[str, dict[str, Any]]]:
    item = [x for x in p.scene.items if x.category == "MC"][p.position % 2]
    topic = p.scene.extra.get("topic", "biology")
    base = {
        "task": "closed choice",
        "grade": f"grade{2 + p.position % 7}",
        "subject": "natural science",
        "topic": topic,
        "category": "Sample experiments" if topic == "physics" else "Sample maps",
        "skill": "Read a picture",
        "split": "train",
    }
    question, options, answer = item.question, list(item.options), "ABCD".index(item.answer)
    if p.questions:
        question, right = p.questions[0]
        options, answer = [right, *(o for o in item.options if o != right)][:4], 0
    yield (
        str(p.number),
        {
            "question": question,
            "choices": options,
            "answer": answer,
            "hint": p.scene.caption if p.position % 3 == 0 else "",
            "image": "image.png",
            **base,
            "lecture": "Look at the picture first. Then compare each choice with what you see.",
            "solution": item.chain,
        },
    )
    if p.position % 4 == 3:
        a, b = 2 + p.position % 7, 3 + p.position % 5
        yield (
            str(p.number + 1),
            {
                "question": f"Which number is {a} plus {b}?",
                "choices": [str(a + b), str(a + b + 1)],
                "answer": 0,
                "hint": "",
                "image": None,
                **base,
                "lecture": "",
                "solution": f"{a} plus {b} is {a + b}.",
            },
        )


def write_geoqa(folder: Path, pictures: Pictures) -> None:
    """The JSON form of GeoQA+; its authors' pickles are not imitated."""
    with replacing(folder / "geoqa+.jsonl") as out:
        for p in pictures:
            for record in _conversations(p):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")


def _conversations(p: Picture) -> Iterator[dict[str, Any]]:
    choices = [x for x in p.scene.items if x.category == "MC"]
    asked = [
        (
            f"{x.question}\nChoices:\n" + "\n".join(f"{k}: {v}" for k, v in zip("ABCD", x.options, strict=False)),
            x.answer,
        )
        for x in choices
    ]
    for i, (question, answer) in enumerate([*questions(p), *asked]):
        yield {
            "id": f"geoqa_plus_{p.number}_{i}",
            "image": p.uri,
            "conversations": [{"from": "human", "value": f"<image>\n{question}"}, {"from": "gpt", "value": answer}],
        }
