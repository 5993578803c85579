"""Synthetic items and replies of every set, the same on every machine, with what a judge would say of each.

Belongs here: making them. Does not belong here: scoring them.

A reply is right, wrong, hedged, verbose, malformed, empty, Chinese, within tags, or in another notation, in turn.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

LETTERS = "ABCDE"
ROWS = 360
GOLDEN_SEED = SEED = (
    "1"  # the golden verdicts are of this seed; of any other one some replies are changed at random, too
)
Row = dict[str, Any]
WORDS = (
    "a red bus",
    "two dogs",
    "Paris",
    "12",
    "2",
    "None",
    "north-west",
    "the blue cube",
    "三个苹果",
    "7.5 cm",
    "an oak",
    "9:30",
    "a map of Spain",
    "left",
    "right",
    "the left shoe",
    "1/2",
    "0.5",
    "No correct answer",
    "A",
)
LONG = "First I look at the picture and name what is in it. " * 6

CHOICE: tuple[Callable[[str, str, str, str], str], ...] = (
    lambda g, w, gt, wt: g,
    lambda g, w, gt, wt: f"The answer is {g}.",
    lambda g, w, gt, wt: f"({g}) {gt}",
    lambda g, w, gt, wt: f"**{g}**",
    lambda g, w, gt, wt: gt,
    lambda g, w, gt, wt: f"I think it is {gt}, as the picture shows.",
    lambda g, w, gt, wt: f"<think>{w} seems wrong.</think><answer>{g}</answer>",
    lambda g, w, gt, wt: f"<think>So it must be {gt}.</think>\n<answer>\n{g}. {gt}\n</answer>",
    lambda g, w, gt, wt: f"{LONG}So the answer is {g}",
    lambda g, w, gt, wt: f"{g} is the right one, because {LONG}",
    lambda g, w, gt, wt: f"答案是{g}。",
    lambda g, w, gt, wt: f"选 {g} ，因为 {gt}",
    lambda g, w, gt, wt: f"not {w}. It is {g}",
    lambda g, w, gt, wt: f"{g} or {w}",
    lambda g, w, gt, wt: f"Perhaps {g}, perhaps {w}; I am not sure.",
    lambda g, w, gt, wt: w,
    lambda g, w, gt, wt: f"Answer: {w}",
    lambda g, w, gt, wt: wt,
    lambda g, w, gt, wt: f"<think>…</think><answer>{w}</answer>",
    lambda g, w, gt, wt: "",
    lambda g, w, gt, wt: "None",
    lambda g, w, gt, wt: f"<answer>{g}",
    lambda g, w, gt, wt: f"<answer>{g}</answer><answer>{w}</answer>",
    lambda g, w, gt, wt: f"\\boxed{{{g}}}",
    lambda g, w, gt, wt: f"Option {g.lower()}",
    lambda g, w, gt, wt: "Cannot determine the answer",
    lambda g, w, gt, wt: "Z",
    lambda g, w, gt, wt: f'{{"answer": "{g}"}}',
    lambda g, w, gt, wt: f"<Thought process>: <<it is seen>> <Answer>: <<{g}>>",
    lambda g, w, gt, wt: f"A dog stands beside it: {g}",
    lambda g, w, gt, wt: f"{g}，{w}",
    lambda g, w, gt, wt: f"Step 1: look.\nStep 2: think.\n\nAnswer: {g}.",
)
VALUE: tuple[Callable[[str, str], str], ...] = (
    lambda g, w: g,
    lambda g, w: f" {g} ",
    lambda g, w: f"{g}.",
    lambda g, w: f"The answer is {g}.",
    lambda g, w: f"<think>{w}?</think><answer>{g}</answer>",
    lambda g, w: f"\\boxed{{{g}}}",
    lambda g, w: f"${g}$",
    lambda g, w: f"{g} cm",
    lambda g, w: f"= {g}",
    lambda g, w: f"+{g}",
    lambda g, w: f"{g}.0",
    lambda g, w: f"{g}/1",
    lambda g, w: f"{LONG}Therefore it is {g}",
    lambda g, w: f"答案：{g}",
    lambda g, w: w,
    lambda g, w: f"The answer is {w}.",
    lambda g, w: f"{g} or {w}",
    lambda g, w: f"maybe {w}",
    lambda g, w: "",
    lambda g, w: "nan",
    lambda g, w: "I cannot see the picture.",
    lambda g, w: f"<answer>{g}",
    lambda g, w: f"\\frac{{{g}}}{{1}}",
    lambda g, w: f"({g})",
    lambda g, w: f"{g}*1",
    lambda g, w: f"{g},",
    lambda g, w: g.upper(),
    lambda g, w: f'{{"solution": "seen", "short answer": "{g}"}}',
    lambda g, w: f'```json\n{{"short answer": "{w}"}}\n```',
    lambda g, w: f'{{"short answer": {g}}}',
    lambda g, w: '{"short answer": ""}',
    lambda g, w: f"{g}π",
    lambda g, w: f"{g} and then {w}",
    lambda g, w: f"{g}%",
)
YES_NO: tuple[str, ...] = (
    "{g}",
    "{g}.",
    "{g}, it is.",
    "The answer is {g}.",
    "<think>look</think><answer>{g}</answer>",
    "{w}",
    "{w}.",
    "yes and no",
    "Not sure",
    "",
    "It is there,{g}",
    "(yes)",
    "{g}/{w}",
    "是的。",
    "没有",
    "I know: {g}",
    "Now it is {g}!",
    "{g} 1,000 times",
    "1. {g}. 2. Because . of . this",
    "{g};{g}",
    "-{g}-",
    "none",
    "{w} ... {g}",
    "**{g}**",
    '"{g}"',
    "{g}\n{g}",
    "Yes, but no",
    "nope",
    "The statement is false",
    LONG + "{g}",
)


def _judge(rng: Random, letters: Sequence[str], gold: str, value: str, wrong: str) -> Row:
    """What the scripted judge says of a row: mostly what is right."""
    sure = rng.random() < 0.6
    return {
        "letter": gold if sure else rng.choice([*letters, "Z"]),
        "answer": value if sure else rng.choice([wrong, "", value, f"{value}.0", "Z", value.lower(), "AB", "A, C"]),
        "correct": sure,
        "score": rng.choice([i / 10 for i in range(11)]),
    }


def _options(rng: Random, count: int) -> list[str]:
    return rng.sample(WORDS, count)


def _choice_row(rng: Random, index: Any, question: str, position: int, options: list[str]) -> tuple[Row, Row]:
    letters = LETTERS[: len(options)]
    gold = rng.choice(letters)
    wrong = rng.choice([letter for letter in letters if letter != gold])
    texts = dict(zip(letters, options, strict=True))
    reply = CHOICE[position % len(CHOICE)](gold, wrong, texts[gold], texts[wrong])
    row = {"index": index, "question": f"{question} [row {index}]", **texts, "answer": gold, "prediction": reply}
    # VLMEvalKit's table reader takes an option "None" for an empty cell, so no judge is shown it
    seen = [letter for letter in letters if texts[letter] != "None"]
    return row, _judge(rng, seen, gold if gold in seen else "Z", gold, wrong)


def choices(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        row, verdict = _choice_row(rng, i, "Which one?", i, _options(rng, rng.choice((3, 4, 5))))
        pairs.append((row | {"category": f"kind {i % 4}", "l2-category": f"part {i % 7}"}, verdict))
    return pairs


def circular(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    asks = "哪一个?" if "_CN_" in name else "Which one?"
    for group in range(ROWS // 4):
        options = _options(rng, 4)
        right = 0.75 if group % 3 else 0.2
        for turn in range(4):
            row, verdict = _choice_row(rng, group + 1 + turn * 1_000_000, asks, rng.randrange(len(CHOICE)), options)
            gold, texts = LETTERS[turn], options[-turn:] + options[:-turn]
            row |= dict(zip(LETTERS, texts, strict=False)) | {
                "answer": gold,
                "category": f"kind {group % 4}",
                "l2-category": "x",
            }
            if rng.random() < right:
                row["prediction"] = CHOICE[rng.randrange(12)](gold, LETTERS[turn - 1], options[0], options[-1])
            verdict["letter"] = gold if rng.random() < 0.8 and row[gold] != "None" else "Z"
            pairs.append((row, verdict))
    return pairs


def mmmu(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = choices(name, rng)
    for i, (row, verdict) in enumerate(pairs):
        row["split"] = "validation"
        if i % 5 == 0:  # an open question
            gold, wrong = rng.choice((("12", "13"), ("B", "C"), ("$6.50", "7"), ("Other", "None"), ("yes", "no"))), "x"
            for letter in LETTERS:
                row.pop(letter, None)
            row |= {"answer": gold[0], "prediction": VALUE[i // 5 % len(VALUE)](gold[0], gold[1])}
            verdict["letter"] = rng.choice(("A", "B", "Z", wrong.upper()[:0] or "A"))
    return pairs


def wemath(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs, index = [], 0
    for composite in range(100):
        steps = 3 if composite % 3 == 0 else 2
        right = rng.random()
        for step in [*range(1, steps + 1), "multi"]:
            position = rng.randrange(12) if rng.random() < right else rng.randrange(len(CHOICE))
            row, verdict = _choice_row(rng, index, "Which one?", position, _options(rng, 4))
            # without a judge, VLMEvalKit stops with an error at a We-Math reply that its reader takes for an empty cell
            row["prediction"] = {"": " ", "None": "no idea"}.get(row["prediction"], row["prediction"])
            pairs.append(
                (
                    row
                    | {
                        "ID": f"{steps}steps_{composite}",
                        "key": f"{steps}steps_{step}",
                        "knowledge concept": "Counting",
                    },
                    verdict,
                )
            )
            index += 1
    return pairs


def hallusion(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        kind, rest = ("VD", i) if i % 2 else ("VS", i)
        place = (rest // 2 // 9, rest // 2 // 3 % 3, rest // 2 % 3)
        gold, wrong = ("Yes", "No") if rng.random() < 0.5 else ("No", "Yes")
        template = YES_NO[rng.randrange(5)] if rng.random() < 0.5 else YES_NO[i % len(YES_NO)]
        index = f"{kind}_figure_0_{'_'.join(map(str, place))}"
        row = {
            "index": index,
            "question": f"Is it? [row {index}]",
            "answer": gold,
            "category": kind,
            "l2-category": f"{kind} {'math' if i % 4 < 2 else 'chart'}".replace(" ", "_"),
            "prediction": template.format(g=gold if i % 3 else gold.lower(), w=wrong),
        }
        pairs.append((row, {"letter": rng.choice((gold[0], gold[0], "Y", "N", "Z"))}))
    return pairs


def _values(rng: Random) -> tuple[str, str]:
    return rng.choice(
        (
            ("14", "15"),
            ("0", "1"),
            ("3", "30"),
            ("-7", "7"),
            ("0.5", "0.25"),
            ("2.0", "4"),
            ("1.45", "1.5"),
            ("100", "1000"),
        )
    )


def mathvista(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        if i % 2:
            options = _options(rng, rng.choice((2, 3, 4)))
            row, verdict = _choice_row(rng, i, "Which one?", i // 2, options)
            gold = row["answer"]
            row = {
                "index": i,
                "question": row["question"],
                "prediction": row["prediction"],
                "question_type": "multi_choice",
                "answer_type": "text",
                "choices": str(options),
                "answer_option": gold,
                "answer": options[LETTERS.index(gold)],
            }
        else:
            kind = ("integer", "float", "list", "integer")[i // 2 % 4]
            gold, wrong = ("[2007, 2008]", "[1, 2]") if kind == "list" else _values(rng)
            row = {
                "index": i,
                "question": f"How many? [row {i}]",
                "question_type": "free_form",
                "answer_type": kind,
                "choices": "",
                "answer_option": "",
                "answer": gold,
                "prediction": VALUE[i // 2 % len(VALUE)](gold, wrong),
            }
            verdict = _judge(rng, LETTERS, "A", gold, wrong)
        pairs.append((row | {"task": f"task {i % 5}", "skills": str([f"skill {i % 3}", f"ability {i % 4}"])}, verdict))
    return pairs


_FORMULAS = (
    ("\\frac{1}{2}", "0.5"),
    ("1/2", "\\frac{1}{2}"),
    ("2^3", "8"),
    ("2**3", "8"),
    ("\\sqrt{4}", "2"),
    ("2\\sqrt{3}", "\\sqrt{12}"),
    ("\\pi", "3.14159265"),
    ("50\\%", "0.5"),
    ("-\\frac{3}{4}", "-0.75"),
    ("1,000", "1000"),
    ("3\\times 4", "12"),
    ("12", "12.0000001"),
    ("(1+2)/4", "\\dfrac{3}{4}"),
    ("5", "x = 5"),
    ("0.25", "1/4"),
    ("2\\pi", "2π"),
    ("1e3", "1000"),
    ("B", "5"),
    ("3:4", "0.75"),
    ("\\frac12", ".5"),
    ("10^2", "100"),
    ("{5}", "5"),
    ("$7$", "7"),
    ("6\\div 2", "3"),
    ("\\frac{10}{4}", "2.5"),
    ("1_000", "1000"),
)


def mathvision(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        if i % 3 == 0:
            options = _options(rng, 5)
            row, verdict = _choice_row(rng, i, "Which one?", i // 3, options)
            row = {k: row[k] for k in ("index", "question", "prediction", "answer")} | {"choices": str(options)}
        else:
            gold, wrong = _FORMULAS[i % len(_FORMULAS)] if i % 3 == 1 else _values(rng)
            reply = (
                rng.choice((wrong, gold, f"{wrong} ", wrong.upper()))
                if i % 3 == 1
                else VALUE[i // 3 % len(VALUE)](gold, wrong)
            )
            row = {"index": i, "question": f"How many? [row {i}]", "choices": "[]", "answer": gold, "prediction": reply}
            verdict = _judge(rng, LETTERS, "A", wrong if i % 3 == 1 else gold, "0.1")
        pairs.append((row | {"category": f"subject {i % 6}"}, verdict))
    return pairs


def mathverse(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        gold, wrong = _values(rng) if i % 2 else (rng.choice("ABCD"), "E")
        row = {
            "index": i,
            "question": f"How many? [row {i}]",
            "question_for_eval": f"How many? [row {i}]",
            "answer": gold,
            "problem_version": "Vision Only",
            "metadata": str({"subject": f"Plane {i % 2}", "subfield": f"Length {i % 3}"}),
            "prediction": VALUE[i % len(VALUE)](gold, wrong),
        }
        pairs.append((row, _judge(rng, LETTERS, "A", gold, wrong)))
    return pairs


def logicvista(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    skills = ("inductive", "deductive", "numerical", "spatial", "mechanical")
    for i in range(ROWS):
        gold = ("A", "B", "C, A", "B, C, D", "E")[i % 5]
        row = {
            "index": i,
            "question": f"Which? [row {i}]",
            "answer": gold,
            "skill": skills[i // 5 % 5],
            "prediction": VALUE[i % len(VALUE)](gold, "D"),
        }
        plain = gold.replace(", ", "")
        answer = rng.choice((plain, plain, plain, plain[::-1], "D", "Z", plain.lower(), "the answer", f"{plain}1"))
        pairs.append((row, {"answer": answer}))
    return pairs


def mmvet(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        gold, wrong = rng.choice((("-1<AND>-5", "3"), ("2007<OR>2008", "1999"), ("a red bus", "a tram")))
        row = {
            "index": f"v1_{i}",
            "question": f"What? [row v1_{i}]",
            "answer": gold,
            "category": ("rec", "ocr,math", "rec,know,gen", "ocr,spat", "rec,spat,know")[i % 5],
            "prediction": VALUE[i % len(VALUE)](gold, wrong),
        }
        pairs.append((row, _judge(rng, LETTERS, "A", gold, wrong)))
    return pairs


_OCR = (
    "Regular Text Recognition",
    "Irregular Text Recognition",
    "Artistic Text Recognition",
    "Handwriting Recognition",
    "Digit String Recognition",
    "Non-Semantic Text Recognition",
    "Scene Text-centric VQA",
    "Doc-oriented VQA",
    "Key Information Extraction",
    "Handwritten Mathematical Expression Recognition",
)


def ocrbench(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        category = _OCR[i % 10]
        gold, wrong = rng.choice(
            (
                ("12", "21"),
                ("STARBUCKS", "coffee"),
                ("no. 5", "no. 6"),
                ("O'Neill", "Neil"),
                ("左转", "右转"),
                ("A", "7"),
            )
        )
        if category.endswith("Expression Recognition"):
            gold, wrong = rng.choice((("x ^ 2 + 1", "x^3"), ("\\frac { a } { b }", "\\frac{a}{c}")))
        reply = VALUE[i // 10 % len(VALUE)](gold, wrong)
        reply = rng.choice((reply, reply, f"x{gold}y", gold.lower(), gold.replace(" ", "\n"), gold.replace(" ", "")))
        answers = [gold, "never said"] if i % 2 else [gold]
        pairs.append(
            (
                {
                    "index": i,
                    "question": f"What is written? [row {i}]",
                    "answer": str(answers),
                    "category": category,
                    "prediction": reply,
                },
                {},
            )
        )
    return pairs


def dynamath(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        question, variant = divmod(i, 10)
        kind = ("float", "multiple choice", "text")[question % 3]
        gold, wrong = {"float": ("3.142", "2.5"), "multiple choice": ("B", "D"), "text": ("the red line", "blue")}[kind]
        if kind == "float" and variant % 2:
            gold, wrong = _values(rng)
        common = (0, 27, 28, 4, 3) if question % 4 else (0, 27)
        position = rng.choice(common) if rng.random() < 0.6 or question % 4 == 0 else i % len(VALUE)
        reply = VALUE[position](gold, wrong)
        if kind == "text" and position == 29:
            reply = f'{{"short answer": "{gold.upper()}"}}'  # a bare word there is no JSON
        # variant 1 of question q has index q, as in the published file
        row = {
            "index": question + 1 if variant == 0 else 10_000 + i,
            "question": f"Read it [row {i}]",
            "answer": gold,
            "qid": question + 1,
            "varid": variant + 1,
            "answer_type": kind,
            "subject": f"subject {question % 4}",
            "knowledge_level": f"level {question % 2}",
            "prediction": reply,
        }
        row["question"] = f"Read it [row {row['index']}]"
        pairs.append((row, _judge(rng, LETTERS, "A", gold, wrong)))
    return pairs


def chartqa(name: str, rng: Random) -> list[tuple[Row, Row]]:
    pairs = []
    for i in range(ROWS):
        gold, wrong = rng.choice(
            (
                *[_values(rng)] * 3,
                ("Yes", "No"),
                ("Germany", "Spain"),
                ("45%", "0.45"),
                ("2010", "2015"),
                ("0.57", "0.6"),
            )
        )
        pairs.append(
            (
                {
                    "index": i,
                    "question": f"What? [row {i}]",
                    "answer": gold,
                    "split": ("test_human", "test_augmented")[i % 2],
                    "prediction": VALUE[i % len(VALUE)](gold, wrong),
                },
                {},
            )
        )
    return pairs


MAKERS: dict[str, Callable[[str, Random], list[tuple[Row, Row]]]] = {
    "MathVista_MINI": mathvista,
    "MathVision": mathvision,
    "MathVerse_MINI_Vision_Only": mathverse,
    "DynaMath": dynamath,
    "WeMath": wemath,
    "LogicVista": logicvista,
    "MMBench_TEST_EN_V11": circular,
    "MMBench_TEST_CN_V11": circular,
    "MMStar": choices,
    "MMMU_DEV_VAL": mmmu,
    "HallusionBench": hallusion,
    "AI2D_TEST": choices,
    "OCRBench": ocrbench,
    "MMVet": mmvet,
    "ChartQA_TEST": chartqa,
}


_ABC = {"A": "a red bus", "B": "12", "C": "None of these", "D": ""}
_IMAGES = ["p1.png", "p2.png", "p3.png"]
# Items whose prompts are compared: hints, empty options, marks of images, several images, what single sets add.
PROMPTS: dict[str, list[Row]] = {
    "MMStar": [
        {"question": "Which one? ", **_ABC},
        {"question": "Which\none?", "hint": "Look left.", **_ABC},
        {"question": "Which, of <image 1>?", **_ABC},
    ],
    "AI2D_TEST": [{"question": "What is K?", **_ABC}],
    "MMBench_TEST_EN_V11": [
        {"question": "Which one?", "hint": "A table:\n1 | 2", **_ABC},
        {"question": "Which one?", **_ABC},
    ],
    "MMBench_TEST_CN_V11": [{"question": "哪一个?", "hint": "看图。", "A": "一", "B": "二"}],
    "MMMU_DEV_VAL": [
        {"question": "<image 1> Which one?", **_ABC},
        {"question": "As <image 1> and <image 2> show, which?", **_ABC, "images": 2},
        {"question": "Which one?", "A": "<image 2>", "B": "<image 3>", "C": "both", "images": 3},
        {"question": "Which one?", **_ABC, "images": 2},
        {"question": "How many in <image 1>? Again: <image 1>", "images": 1},
        {"question": "Which?", "hint": "See <image 2>.", **_ABC, "images": 2},
    ],
    "WeMath": [
        {"question": "How long?", **_ABC, "requirement": "Answer with the letter."},
        {"question": "How long?", "hint": "In cm.", **_ABC},
    ],
    "MathVista_MINI": [
        {"question": "Hint: Please answer with an integer.\nQuestion: How many?", "hint": "x", "choices": "['a', 'b']"}
    ],
    "MathVision": [{"question": "What is it?\n<image1>"}, {"question": "Which?\n<image 1>", "choices": "['A', 'B']"}],
    "MathVerse_MINI_Vision_Only": [
        {"question": "According to the question shown in the image, answer.", "query_cot": "Think first."}
    ],
    "LogicVista": [{"question": "Which figure comes next? Select A, B or C."}],
    "HallusionBench": [{"question": "Is the left one longer?"}],
    "OCRBench": [{"question": "what is written in the image?"}],
    "MMVet": [{"question": "What is x in the equation?"}],
    "DynaMath": [
        {"question": "What is f(2)?", "answer_type": kind}
        for kind in ("float", "multiple choice", "text", "single answer")
    ],
}


def prompt_rows(name: str) -> list[Row]:
    """The set's rows of PROMPTS, each with the paths of its images."""
    return [
        {k: v for k, v in row.items() if k != "images" and v != ""} | {"image_path": _IMAGES[: row.get("images", 1)]}
        for row in PROMPTS[name]
    ]


NO_VALUE = (
    "",
    "None",
    "nan",
    "NaN",
    "NA",
    "null",
    "NULL",
    "n/a",
    "N/A",
    "<NA>",
    "-nan",
)  # what a table reader takes for an empty cell

# What a reply may be, besides right or wrong; one reply may be several.
KINDS: dict[str, Callable[[str], bool]] = {
    "hedged": lambda r: bool(re.search(r"\bor\b|[Pp]erhaps|[Mm]aybe|[Nn]ot sure|yes and no|\w/\w", r)),
    "verbose": lambda r: len(r) > 250,
    "malformed": lambda r: (
        r.count("<answer>") != r.count("</answer>")
        or r.count("<answer>") > 1
        or "<<" in r
        or r.startswith("```")
        or r[:1] in "-;("
    ),
    "empty": lambda r: not r.strip(),
    "Chinese": lambda r: bool(re.search("[\u4e00-\u9fff]", r)),
    "think tags": lambda r: "<think>" in r,
}


def rows(name: str) -> list[tuple[Row, Row]]:
    """Rows of a set, each with what the judge says of it, in the order of their index."""
    pairs = MAKERS[name](name, Random(f"parity {name} {SEED}"))
    return (
        pairs
        if SEED == GOLDEN_SEED
        else [
            (row | {"prediction": other(name, row, Random(f"{SEED} {row['index']}"))}, verdict)
            for row, verdict in pairs
        ]
    )


def other(name: str, row: Row, rng: Random) -> str:
    """A reply made from the row's own in half of the cases: broken up, joined, in other letters, with other marks."""
    reply = str(row["prediction"])
    if rng.random() < 0.5:
        return reply
    for _ in range(rng.choice((1, 1, 2, 3))):
        reply = rng.choice(CHANGES)(reply, rng)
    if name == "WeMath" and reply.strip() in NO_VALUE:
        return "no idea"  # as in wemath()
    return reply


def _cut(text: str, rng: Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _put(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) + 1)
    return (
        text[:at]
        + rng.choice(
            (
                " ",
                "\n",
                ".",
                ",",
                "\u00a0",
                "\t",
                ":",
                "%",
                "A",
                "B",
                "Z",
                "0",
                "1",
                "-",
                "No",
                "yes",
                "、",
                "\\",
                "$",
                '"',
                "'",
            )
        )
        + text[at:]
    )


CHANGES: tuple[Callable[[str, Random], str], ...] = (
    _cut,
    _put,
    _put,
    lambda text, rng: text[::-1],
    lambda text, rng: text.lower(),
    lambda text, rng: text.upper(),
    lambda text, rng: f"{text} {text}",
    lambda text, rng: f"{text}\n\n{rng.choice(WORDS)}",
    lambda text, rng: f"{rng.choice(WORDS)}. {text}",
    lambda text, rng: f"{LONG}{text}{LONG}",
    lambda text, rng: f"<answer>{text}</answer>",
    lambda text, rng: f"<think>{text}</think>",
    lambda text, rng: text.replace(" ", rng.choice(("", "  ", "_", "\n"))),
    lambda text, rng: f"{text}{rng.choice(('.0', '%', '/2', '*2', '^2', ' or 7', '!', '。', 'π'))}",
    lambda text, rng: rng.choice(
        ("A", "B", "C", "D", "Z", "A B", "A, B", "Yes", "no", "0", "1/0", "1e400", "-0", "nan", "inf", "NA", "null")
    ),
)


def digest(name: str) -> str:
    """Changes when any row does: golden numbers belong to one digest."""
    return hashlib.sha256(json.dumps(rows(name), ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def write(folder: Path) -> None:
    """Prediction files, the judge's script and the items to ask, as upstream.py reads them."""
    verdicts: dict[str, dict[str, Row]] = {}
    for name in MAKERS:
        pairs = rows(name)
        columns = list(dict.fromkeys(k for row, _ in pairs for k in row))
        with (folder / f"{name}.tsv").open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, columns, delimiter="\t", restval="", lineterminator="\n")
            out.writeheader()
            out.writerows(row for row, _ in pairs)
        verdicts[name] = {str(row["index"]): judge for row, judge in pairs}
    (folder / "prompts.json").write_text(json.dumps({name: prompt_rows(name) for name in PROMPTS}), "utf-8")
    (folder / "judge.json").write_text(json.dumps(verdicts, ensure_ascii=False), "utf-8")
