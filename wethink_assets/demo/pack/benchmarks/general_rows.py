"""Rows of the sample general benchmarks: MMBench, MMStar, MMMU, HallusionBench, AI2D, OCRBench, MMVet.

Belongs here: their columns, filled from the scenes' own items. Does not belong here: which rows a set has (rows.py).

The MMBench files carry gold answers, as the published DEV files do and the TEST files do not: in the demo they are to
be scored.
"""

from __future__ import annotations

from random import Random

from wethink_assets.demo.pack.benchmarks.cells import Row, lettered, of_category
from wethink_assets.demo.pack.benchmarks.phrasing import CHINESE, chinese, phrase
from wethink_assets.demo.pack.items import LETTERS
from wethink_assets.demo.pack.scene import Scene

NUMBER_WORDS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five"}


def mm_bench(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    base, turned = [], []
    for i, scene in enumerate(scenes):
        item = of_category(scene, "MC")[(i + i // 6) % 2]
        question, options = item.question, list(item.options)
        if "_CN_" in name:
            question = chinese(item.key, scene.extra["main"])
            options = [CHINESE[o] for o in options]
        right, n = LETTERS.index(item.answer), len(options)
        for turn in range(n):
            moved = options[turn:] + options[:turn]
            row = {
                "index": i + 1 + turn * 1_000_000,
                "_figures": [i],
                "question": phrase(name, i + 1, question),
                "hint": "",
                **dict(zip(LETTERS, moved, strict=False)),
                "answer": LETTERS[(right - turn) % n],
                "category": {"relation": "social_relation", "magnets": "physical_property_reasoning"}.get(
                    item.key, "attribute_recognition"
                ),
                "l2-category": "finegrained_perception (instance-level)",
                "source": "sample",
                "split": "dev",
                "comment": "",
            }
            (base if turn == 0 else turned).append(row)
    return base + turned


def mm_star(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    groups = (
        "coarse perception",
        "fine-grained perception",
        "instance reasoning",
        "logical reasoning",
        "science & technology",
        "math",
    )
    return [
        {
            "index": i,
            "_figures": [i],
            "question": phrase(name, i + 1, item.question),
            **lettered(item),
            "answer": item.answer,
            "category": groups[i % 6],
            "l2-category": scene.kind.replace("_", " "),
            "split": "val",
        }
        for i, scene in enumerate(scenes)
        for item in [of_category(scene, "MC")[1 - i // 2 % 2]]
    ]


def mmmu(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    set_rows = []
    fields = {
        "experiment": "Physics",
        "document": "Accounting",
        "painting": "Art",
        "map": "Geography",
        "parts": "Biology",
        "geometry": "Math",
    }
    for i, scene in enumerate(scenes):
        subject, split = fields[scene.kind], "dev" if i % 6 == 5 else "validation"
        opened = i % 5 == 4
        item = scene.items[0] if opened else of_category(scene, "MC")[i // 2 % 2]
        figures, question = [i], phrase(name, i + 1, item.question)
        options = {} if opened else lettered(item)
        answer = item.answer
        if i % 10 == 3:  # two images in one row
            other = (i + 1) % len(scenes)
            figures = [i, other]
            question = (
                f"<image 1> and <image 2> belong to exam sheet {i + 1}. {item.question.replace('?', ' in <image 1>?')}"
            )
        set_rows.append(
            {
                "index": i + 1,
                "_figures": figures,
                "id": f"{split}_{subject}_{i + 1}",
                "question": question,
                **options,
                "answer": answer,
                "category": subject,
                "l2-category": "Science",
                "split": split,
                "question_type": "open" if opened else "multiple-choice",
                "hint": "",
            }
        )
    return set_rows


def hallusion(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    """Sets of two figures, each asked the same two questions: is it the first one's colour, the second one's?"""
    set_rows = []
    for i, scene in enumerate(scenes):
        which, figure = i // 2, i % 2
        first, second = scenes[which * 2], scenes[which * 2 + 1]
        claims = (first.colour, second.colour if second.colour != first.colour else second.items[0].wrong)
        for question, claim in enumerate(claims):
            verb = "Are" if scene.extra.get("plural") else "Is"
            set_rows.append(
                {
                    "index": f"VD_figure_0_{which}_{figure}_{question}",
                    "_figures": [i],
                    "question": phrase(name, which + 1, f"{verb} the {scene.extra['main']} {claim}?"),
                    "answer": "Yes" if scene.colour == claim else "No",
                    "category": "VD",
                    "l2-category": "figure",
                    "set_id": which,
                    "figure_id": figure,
                    "question_id": question,
                    "split": "image",
                }
            )
    return set_rows


def ai2d(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    return [
        {
            "index": i,
            "_figures": [i],
            "question": phrase(name, i + 1, item.question),
            **lettered(item),
            "answer": item.answer,
            "category": "foodChainsWebs" if scene.kind == "food_web" else "partsOfA",
            "split": "test",
        }
        for i, scene in enumerate(scenes)
        for item in [of_category(scene, "MC")[i // 2 % 2]]
    ]


def ocr_bench(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    groups = {
        "sign": "Scene Text-centric VQA",
        "book_cover": "Scene Text-centric VQA",
        "document": "Doc-oriented VQA",
        "portrait": "Regular Text Recognition",
    }
    set_rows = []
    for i, scene in enumerate(scenes):
        read = [x for x in scene.items if x.category == "FIB" and "ocr" in x.abilities and x.answer_type != "list"]
        item = read[i // 4 % len(read)]
        set_rows.append(
            {
                "index": i,
                "_figures": [i],
                "question": phrase(name, i + 1, item.question),
                "answer": str(sorted({item.answer, item.answer.lower()})),
                "category": groups[scene.kind],
                "dataset": "sample",
                "split": "test",
            }
        )
    return set_rows


def mm_vet(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    short = {"recognition": "rec", "ocr": "ocr", "knowledge": "know", "spatial": "spat", "math": "math"}
    set_rows = []
    for i, scene in enumerate(scenes):
        item = scene.items[0] if i % 3 == 0 else of_category(scene, "FIB")[1 + i // 3 % 3]
        answer, question = item.answer, item.question
        if i % 6 == 2:
            other = of_category(scene, "FIB")[1]
            question = f"{scene.items[0].question} {other.question}"
            answer = f"{scene.colour} <AND> {other.answer}"
        elif item.answer_type == "number" and item.answer in NUMBER_WORDS:
            answer = f"{NUMBER_WORDS[item.answer]} <OR> {item.answer}"
        elif i % 12 == 11:
            described = of_category(scene, "DES")[0]
            question, answer = described.question, described.answer
        words = [short[a] for a in item.abilities if a != "reasoning"]
        set_rows.append(
            {
                "index": i,
                "_figures": [i],
                "question": phrase(name, i + 1, question),
                "answer": answer,
                "category": ",".join(words),
                "split": "test",
            }
        )
    return set_rows
