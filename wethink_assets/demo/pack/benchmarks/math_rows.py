"""Rows of the sample mathematics and logic benchmarks: MathVista, MathVision, MathVerse, DynaMath, WeMath, LogicVista.

Belongs here: their columns, filled from the scenes' own items. Does not belong here: which rows a set has (rows.py).
"""

from __future__ import annotations

from random import Random

from wethink_assets.demo.pack.benchmarks.cells import Row, lettered, of_category
from wethink_assets.demo.pack.benchmarks.phrasing import phrase
from wethink_assets.demo.pack.items import LETTERS
from wethink_assets.demo.pack.scene import Item, Scene


def math_vista(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    set_rows = []
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
            question += "\nChoices:\n" + "\n".join(f"({k}) {v}" for k, v in lettered(item).items())
        set_rows.append(
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
    return set_rows


def _short(scene: Scene, turn: int) -> Item:
    """A fill-in item: the main colour in half of the turns."""
    short = of_category(scene, "FIB")
    return short[0] if turn % 2 == 0 else short[1 + turn // 2 % (len(short) - 1)]


def math_vision(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    set_rows = []
    for i, scene in enumerate(scenes):
        choice = i % 2 == 1
        item = of_category(scene, "MC")[i // 2 % 2] if choice else _short(scene, i // 2)
        set_rows.append(
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
    return set_rows


def math_verse(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    set_rows = []
    for i, scene in enumerate(scenes):
        choice = i % 2 == 1
        item = of_category(scene, "MC")[i // 2 % 2] if choice else _short(scene, i // 2)
        asked = phrase(name, i + 1, item.question)
        if choice:
            asked += "\nChoices:\n" + "\n".join(f"{k}:{v}" for k, v in lettered(item).items())
        order = (
            "Please directly answer the question and provide the correct option letter, e.g., A, B, C, D."
            if choice
            else "Please directly answer the question and provide the final value."
        )
        set_rows.append(
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
    return set_rows


def dyna_math(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    set_rows = []
    for i, scene in enumerate(scenes):
        qid, variant = i // 10, i % 10
        choice = qid % 3 == 2
        item = of_category(scene, "MC")[1] if choice else (scene.items[0] if qid % 3 == 0 else _number(scene))
        question = phrase(name, i + 1, item.question)
        kind = "multiple choice" if choice else "float" if item.answer_type == "number" else "text"
        if choice:
            question += " choice: " + " ".join(f"({k}) {v}" for k, v in lettered(item).items())
        set_rows.append(
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
    return set_rows


def _number(scene: Scene) -> Item:
    return next(i for i in scene.items if i.answer_type == "number")


def we_math(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    set_rows: list[Row] = []
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
            number = len(set_rows) + 1
            set_rows.append(
                {
                    "index": number,
                    "_figures": [i],
                    "question": phrase(name, number, item.question),
                    **lettered(item),
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
    return set_rows


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


def logic_vista(name: str, scenes: list[Scene], rng: Random) -> list[Row]:
    set_rows = []
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
        set_rows.append(
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
    return set_rows
