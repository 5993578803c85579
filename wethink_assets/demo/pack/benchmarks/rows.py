"""Rows of the sample evaluation sets: the columns of each set, filled from the scenes' own items.

A row names its images in `_figures`; `tsv` turns them into cells. The MMBench files carry gold answers, as the
published DEV files do and the TEST files do not: in the demo they are to be scored.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

from wethink_assets.demo.pack.benchmarks.figures import SETS, figure_scene
from wethink_assets.demo.pack.benchmarks.phrasing import CHINESE, chinese, phrase
from wethink_assets.demo.pack.items import LETTERS
from wethink_assets.demo.pack.scene import Item, Scene

Row = dict[str, Any]


@lru_cache(maxsize=32)
def rows(seed: int, name: str) -> tuple[Row, ...]:
    """All rows of a set, in file order. Do not change them: they are shared."""
    scenes = [figure_scene(seed, name, i) for i in range(SETS[name].figures)]
    return tuple(MAKERS[name](name, scenes, Random(f"rows|{seed}|{name.replace('_CN_', '_EN_')}")))


def of_category(scene: Scene, category: str) -> list[Item]:
    return [i for i in scene.items if i.category == category]


def _lettered(item: Item) -> dict[str, str]:
    return dict(zip(LETTERS, item.options, strict=False))


def _math_vista(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    made = []
    for i, scene in enumerate(scenes):
        choice = i % 3 == 2
        item = of_category(scene, "MC")[i % 2] if choice else _short(scene, i)
        whole = item.answer_type == "number"
        hint = (
            "Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end."
            if choice
            else "Please answer the question requiring an integer answer and provide the final value, "
            "e.g., 1, 2, 3, at the end."
            if whole
            else "Please answer the question requiring a text answer and provide the final value at the end."
        )
        question = f"Hint: {hint}\nQuestion: {phrase(name, i + 1, item.question)}"
        if choice:
            question += "\nChoices:\n" + "\n".join(f"({k}) {v}" for k, v in _lettered(item).items())
        made.append(
            {
                "index": i + 1,
                "_figures": [i],
                "question": question,
                "question_type": "multi_choice" if choice else "free_form",
                "answer_type": "integer" if whole else "text",
                "choices": str(list(item.options)) if choice else "",
                "answer": item.options[LETTERS.index(item.answer)] if choice else item.answer,
                "answer_option": item.answer if choice else "",
                "unit": "",
                "precision": "",
                "task": {"geometry": "geometry problem solving", "solids": "math word problem"}.get(
                    scene.kind, "figure question answering"
                ),
                "category": "math-targeted-vqa" if scene.kind == "geometry" else "general-vqa",
                "context": scene.kind.replace("_", " "),
                "grade": "elementary school",
                "skills": str([a for a in item.abilities if a != "reasoning"]),
                "source": "sample",
                "split": "testmini",
            }
        )
    return made


def _short(scene: Scene, turn: int) -> Item:
    """A fill-in item: the main colour in half of the turns."""
    short = of_category(scene, "FIB")
    return short[0] if turn % 2 == 0 else short[1 + turn // 2 % (len(short) - 1)]


def _math_vision(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    made = []
    for i, scene in enumerate(scenes):
        choice = i % 2 == 1
        item = of_category(scene, "MC")[i // 2 % 2] if choice else _short(scene, i // 2)
        made.append(
            {
                "index": i + 1,
                "_figures": [i],
                "question": phrase(name, i + 1, item.question),
                "choices": str(list(item.options)),
                "answer": item.answer,
                "category": 1 + i % 5,
                "l2-category": "metric geometry - area" if scene.kind == "geometry" else "solid geometry",
                "split": "test",
            }
        )
    return made


def _math_verse(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    made = []
    for i, scene in enumerate(scenes):
        choice = i % 2 == 1
        item = of_category(scene, "MC")[i // 2 % 2] if choice else _short(scene, i // 2)
        asked = phrase(name, i + 1, item.question)
        if choice:
            asked += "\nChoices:\n" + "\n".join(f"{k}:{v}" for k, v in _lettered(item).items())
        order = (
            "Please directly answer the question and provide the correct option letter, e.g., A, B, C, D."
            if choice
            else "Please directly answer the question and provide the final value."
        )
        made.append(
            {
                "index": i + 1,
                "_figures": [i],
                "question": asked,
                "question_for_eval": asked,
                "answer": item.answer,
                "question_type": "multi-choice" if choice else "free-form",
                "problem_version": "Vision Only",
                "problem_index": i + 1,
                "sample_index": i + 1,
                "metadata": str(
                    {"split": "testmini", "source": "GeoQA", "subject": "Plane Geometry", "subfield": "Length"}
                ),
                "query_cot": f"{order.replace('directly answer', 'first conduct reasoning, and then answer')}\n"
                f"Question: {asked}",
                "query_wo": f"{order}\nQuestion: {asked}",
                "split": "testmini",
            }
        )
    return made


def _dyna_math(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    made = []
    for i, scene in enumerate(scenes):
        qid, variant = i // 10, i % 10
        choice = qid % 3 == 2
        item = of_category(scene, "MC")[1] if choice else (scene.items[0] if qid % 3 == 0 else _number(scene))
        question = phrase(name, i + 1, item.question)
        kind = "multiple choice" if choice else "float" if item.answer_type == "number" else "text"
        if choice:
            question += " choice: " + " ".join(f"({k}) {v}" for k, v in _lettered(item).items())
        made.append(
            {
                "index": i,
                "_figures": [i],
                "question": question,
                "answer": item.answer,
                "qid": qid + 1,
                "varid": variant + 1,
                "answer_type": kind,
                "subject": "statistics" if "chart" in scene.kind else "plane geometry",
                "knowledge_level": "elementary school",
                "category": scene.kind,
                "split": "test",
            }
        )
    return made


def _number(scene: Scene) -> Item:
    return next(i for i in scene.items if i.answer_type == "number")


def _we_math(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    made: list[Row] = []
    tones = ("red", "blue", "green", "yellow", "purple", "orange")
    concepts = ("Colour and Figure Recognition", "Counting and Measures", "Comparison of Figures")
    for i, scene in enumerate(scenes):
        steps = 3 if i % 3 == 2 else 2
        first, second = of_category(scene, "MC")
        other = rng.choice([c for c in tones if c != scene.colour])
        parts = [(second, concepts[0]), (first, concepts[2])]
        if steps == 3:
            parts.insert(1, (_as_choice(_number(scene), rng), concepts[1]))
        last = Item(
            "multi",
            f"Which statement about the {scene.extra['main']} is right?",
            "",
            "MC",
            (),
            (f"It is {scene.colour}.", f"It is {other}.", "It has no colour.", "No correct answer"),
            "choice",
            "",
            "",
            "",
        )
        options = [*rng.sample(last.options[:3], 3), last.options[3]]
        multi = (_with(last, options, last.options[0]), ";".join(concepts[:steps]))
        for step, (item, concept) in enumerate([*parts, multi], start=1):
            key = f"{steps}steps_{'multi' if step > steps else step}"
            number = len(made) + 1
            made.append(
                {
                    "index": number,
                    "_figures": [i],
                    "question": phrase(name, number, item.question),
                    **_lettered(item),
                    "answer": item.answer,
                    "ID": f"{steps}steps_{i + 1}",
                    "key": key,
                    "question number": number,
                    "knowledge concept": concept,
                    "knowledge concept description": f"{concept}: shown in a sample figure.",
                    "requirement": "Please answer with the option letter.",
                    "hint": "",
                    "split": "testmini",
                }
            )
    return made


def _with(item: Item, options: list[str], right: str) -> Item:
    letter = LETTERS[options.index(right)]
    return Item(
        item.key,
        item.question,
        letter,
        "MC",
        item.abilities,
        tuple(options),
        "choice",
        "B" if letter == "A" else "A",
        item.chain,
        item.short_chain,
    )


def _as_choice(item: Item, rng: Random) -> Item:
    value = int(item.answer)
    options = [str(v) for v in (value, value + 1, value + 2, value + 3)]
    return _with(item, rng.sample(options, 4), str(value))


def _logic_vista(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    made = []
    skills = ("inductive", "deductive", "numerical", "spatial", "mechanical")
    for i, scene in enumerate(scenes):
        if i % 4 == 3:
            count = _number(scene)
            claims = [
                (f"The {scene.extra['main']} is {scene.colour}.", True),
                (f"The {scene.extra['main']} is {scene.items[0].wrong}.", False),
                (f"The answer to '{count.question}' is {count.answer}.", True),
                (f"The answer to '{count.question}' is {count.wrong}.", False),
            ]
            rng.shuffle(claims)
            question, options = "Which two statements are true?", [text for text, _ in claims]
            answer = ", ".join(letter for letter, (_, true) in zip(LETTERS, claims, strict=True) if true)
        else:
            item = of_category(scene, "MC")[i % 2]
            question, options, answer = item.question, list(item.options), item.answer
        listed = " ".join(f"{k}. {v}" for k, v in zip(LETTERS, options, strict=False))
        made.append(
            {
                "index": i,
                "_figures": [i],
                "question": f"{phrase(name, i + 1, question)} {listed}",
                "answer": answer,
                "skill": skills[i % 5],
                "category": skills[i % 5],
                "split": "test",
            }
        )
    return made


def _mm_bench(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
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


def _mm_star(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
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
            **_lettered(item),
            "answer": item.answer,
            "category": groups[i % 6],
            "l2-category": scene.kind.replace("_", " "),
            "split": "val",
        }
        for i, scene in enumerate(scenes)
        for item in [of_category(scene, "MC")[1 - i // 2 % 2]]
    ]


def _mmmu(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    made = []
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
        options = {} if opened else _lettered(item)
        answer = item.answer
        if i % 10 == 3:  # two images in one row
            other = (i + 1) % len(scenes)
            figures = [i, other]
            question = (
                f"<image 1> and <image 2> belong to exam sheet {i + 1}. {item.question.replace('?', ' in <image 1>?')}"
            )
        made.append(
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
    return made


def _hallusion(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    """Sets of two figures, each asked the same two questions: is it the first one's colour, the second one's?"""
    made = []
    for i, scene in enumerate(scenes):
        which, figure = i // 2, i % 2
        first, second = scenes[which * 2], scenes[which * 2 + 1]
        claims = (first.colour, second.colour if second.colour != first.colour else second.items[0].wrong)
        for question, claim in enumerate(claims):
            verb = "Are" if scene.extra.get("plural") else "Is"
            made.append(
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
    return made


def _ai2d(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    return [
        {
            "index": i,
            "_figures": [i],
            "question": phrase(name, i + 1, item.question),
            **_lettered(item),
            "answer": item.answer,
            "category": "foodChainsWebs" if scene.kind == "food_web" else "partsOfA",
            "split": "test",
        }
        for i, scene in enumerate(scenes)
        for item in [of_category(scene, "MC")[i // 2 % 2]]
    ]


def _ocr_bench(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    groups = {
        "sign": "Scene Text-centric VQA",
        "book_cover": "Scene Text-centric VQA",
        "document": "Doc-oriented VQA",
        "portrait": "Regular Text Recognition",
    }
    made = []
    for i, scene in enumerate(scenes):
        read = [x for x in scene.items if x.category == "FIB" and "ocr" in x.abilities and x.answer_type != "list"]
        item = read[i // 4 % len(read)]
        made.append(
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
    return made


def _mm_vet(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    short = {"recognition": "rec", "ocr": "ocr", "knowledge": "know", "spatial": "spat", "math": "math"}
    made = []
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
        made.append(
            {
                "index": i,
                "_figures": [i],
                "question": phrase(name, i + 1, question),
                "answer": answer,
                "category": ",".join(words),
                "split": "test",
            }
        )
    return made


NUMBER_WORDS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five"}

MAKERS: dict[str, Callable[[str, list[Scene], Random], list[Row]]] = {
    "MathVista_MINI": _math_vista,
    "MathVision": _math_vision,
    "MathVerse_MINI_Vision_Only": _math_verse,
    "DynaMath": _dyna_math,
    "WeMath": _we_math,
    "LogicVista": _logic_vista,
    "MMBench_TEST_EN_V11": _mm_bench,
    "MMBench_TEST_CN_V11": _mm_bench,
    "MMStar": _mm_star,
    "MMMU_DEV_VAL": _mmmu,
    "HallusionBench": _hallusion,
    "AI2D_TEST": _ai2d,
    "OCRBench": _ocr_bench,
    "MMVet": _mm_vet,
}


def copied_question(seed: int, name: str, turn: int) -> tuple[str, str, str]:
    """Index, question and answer of an item whose text a source repeats; a choice is answered by its text."""
    candidates = [r for r in rows(seed, name) if len(r["question"]) > 30]
    text = candidates[(turn * 7) % len(candidates)]["question"]
    row = next(r for r in candidates if r["question"] == text)  # two figures of a HallusionBench set share questions
    return str(row["index"]), row["question"], str(row.get(row["answer"]) or row["answer"])


def figure_item(seed: int, name: str, position: int) -> str:
    """Index of the first item that shows a figure."""
    position %= SETS[name].figures
    return next(str(r["index"]) for r in rows(seed, name) if position in r["_figures"])
