"""Benchmark questions in a source: copied, wrapped, and those that only sound alike."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wethink_assets.images import contamination_check
from wethink_assets.images.contamination import Questions, image_hits, words
from wethink_assets.images.contamination_check import leaked_questions
from wethink_assets.sources.annotations import QA, ImageAnnotations

ITEMS = [
    {
        "benchmark": "MathVista_MINI",
        "item": "7",
        "question": "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, "
        "at the end.\n"
        "Question: Is Medium Periwinkle greater than Light Sky Blue?\nChoices:\n(A) yes\n(B) no",
    },
    {
        "benchmark": "AI2D_TEST",
        "item": "3",
        "question": "Based on the food web, what would likely happen if the number of large roach would decrease?",
    },
    {"benchmark": "MMVet", "item": "v1_0", "question": "What colour is the car?"},
    {"benchmark": "MMBench_TEST_CN_V11", "item": "9", "question": "根据图片，下列哪一个物体位于最左边的桌子上面？"},
    {
        "benchmark": "MathVision",
        "item": "5",
        "question": "A yard holds chickens and rabbits and nothing else, as a count of their heads and of their feet "
        "has shown to everybody. If the number of heads is 35 and that of feet is 94, how many rabbits? "
        "Give the number only, please, "
        "and explain in one or two sentences how you came to it, without using any unknown.",
    },
    {
        "benchmark": "MMMU_DEV_VAL",
        "item": "validation_Art_1",
        "question": "<image 1> Which of these paintings was made before the year 1500 in northern Italy?",
    },
]


BOILERPLATE = [
    {
        "benchmark": "MathVista_MINI",
        "item": str(100 + n),
        "question": "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, "
        "at the end.\n"
        f"Question: Item {n}?",
    }
    for n in range(30)
]


@pytest.fixture(scope="module")
def questions():
    return Questions([*ITEMS, *BOILERPLATE])


@pytest.mark.parametrize(
    ("asked", "item"),
    [
        (ITEMS[1]["question"], "AI2D_TEST:3"),
        ("based on the FOOD web what would likely happen, if the number of large roach would decrease", "AI2D_TEST:3"),
        (
            (
                "Look closely. Based on the food web, what would likely happen if the number of large roach would "
                "decrease? Answer with a letter."
            ),
            "AI2D_TEST:3",
        ),
        (ITEMS[0]["question"], "MathVista_MINI:7"),
        (ITEMS[3]["question"], "MMBench_TEST_CN_V11:9"),
        ("Which of these paintings was made before the year 1500 in northern Italy?", "MMMU_DEV_VAL:validation_Art_1"),
        # the question that an item wraps
        ("Is Medium Periwinkle greater than Light Sky Blue in this chart of yours?", None),
        ("Is medium periwinkle greater than light sky blue?", "MathVista_MINI:7"),
        # a part of a long item
        ("If the number of heads is 35 and that of feet is 94, how many rabbits?", "MathVision:5"),
        # 13 words in a row, in another question
        (
            "A farmer of Peru says: if the number of heads is 35 and that of feet is 94 then I am rich. Is he?",
            "MathVision:5",
        ),
        ("A farmer of Peru says: if the number of heads is 35 and that of hooves is 94 then I am rich. Is he?", None),
        ("What colour is the car?", None),
        ("Based on the food web, what would likely happen if the hawk left?", None),
        (
            (
                "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, "
                "at the end.\nQuestion: What is the largest city in this map of Peru?"
            ),
            None,
        ),
        ("", None),
    ],
)
def test_questions(questions, asked, item):
    hit = questions.repeated_by(asked)
    assert (hit.item if hit else None) == item
    if item:
        assert item in hit.detail
    passed = leaked_questions([("row", asked)], [*ITEMS, *BOILERPLATE])
    assert [p.subject for p in passed] == (["row"] if item else []), "the check says otherwise than the gate"


def test_the_check_goes_through_any_number_of_questions_part_by_part(monkeypatch):
    monkeypatch.setattr(contamination_check, "AT_ONCE", 2)
    asked = [
        (f"q{n}", ITEMS[1]["question"] if n % 3 == 0 else f"What is {n} of all the things in here?") for n in range(8)
    ]
    given = (pair for pair in asked)
    assert [leak.subject for leak in leaked_questions(given, ITEMS)] == ["q0", "q3", "q6"]
    assert next(given, None) is None


PARTS = ["the red car", "in front of a house", "is", "how many", "of these", "left", "and then", "Question:", "\n"]


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@example(
    [["the red car"] * 5 + ["in front of a house"]], [["the red car"] * 6], 0
)  # fewer different 8-grams than places
@given(
    st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=12), min_size=1, max_size=30),
    st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=12), max_size=8),
    st.integers(0, 29),
)
def test_the_check_and_the_gate_are_the_same_rule(items, asked, repeated):
    """Written twice, as look-ups that stop early and as sets in SQL: neither finds what the other does not."""
    known = [{"benchmark": "MMStar", "item": str(n), "question": " ".join(parts)} for n, parts in enumerate(items)]
    texts = [" ".join(parts) for parts in [*asked, items[repeated % len(items)]]]
    index = Questions(known)
    passed = leaked_questions([(str(n), text) for n, text in enumerate(texts)], known)
    assert {p.subject for p in passed} == {str(n) for n, text in enumerate(texts) if index.repeated_by(text)}


def test_any_question_of_an_image_counts(questions):
    assert questions.hit(ImageAnnotations(qa=(QA("What is it?"), QA(ITEMS[1]["question"])))).item == "AI2D_TEST:3"
    assert questions.hit(ImageAnnotations(captions=(ITEMS[1]["question"],))) is None


def test_real_benchmark_questions_do_not_hit_other_sources(realdata):
    """MathVista's own questions against native questions of ChartQA and ScienceQA that are not in it."""
    mathvista = json.loads((realdata / "bench/MathVista/data/testmini.json").read_text())
    index = Questions(
        {"benchmark": "MathVista_MINI", "item": k, "question": v["question"]} for k, v in mathvista.items()
    )
    charts = json.loads((realdata / "chartqa/ChartQA Dataset/test/test_human.json").read_text())
    problems = json.loads((realdata / "sqa/problems.json").read_text())
    own = [c["query"] for c in charts] + [p["question"] for p in problems.values()]
    assert not [q for q in own if index.repeated_by(q)]
    assert all(index.repeated_by(v["question"]) for v in mathvista.values() if len(words(v["question"])) >= 8)


def test_real_leaks_are_found(realdata):
    """DocVQA's training questions that OCRBench asks, and CLEVR-Math's that MathVista asks, both in their wrappers."""
    mathvista = json.loads((realdata / "bench/MathVista/data/testmini.json").read_text())
    ocrbench = json.loads((realdata / "bench/OCRBench/OCRBench.json").read_text())
    hint = (
        "Hint: Please answer the question requiring an integer answer and provide the final value, e.g., 1, 2, 3, "
        "at the end."
    )
    items = [
        {"benchmark": "MathVista_MINI", "item": k, "question": f"{hint}\nQuestion: {v['question']}"}
        for k, v in mathvista.items()
    ]
    items += [{"benchmark": "OCRBench", "item": str(n), "question": v["question"]} for n, v in enumerate(ocrbench)]
    leaks = {
        "Where is the meeting of the steering committee planned at ?": "OCRBench:75",
        "Subtract all tiny balls. Subtract all green metallic things. How many objects are left?": "MathVista_MINI:109",
    }
    index = Questions(items)
    assert {q: index.repeated_by(q).item for q in leaks} == leaks
    assert {p.subject for p in leaked_questions([(q, q) for q in leaks], items)} == set(leaks)
    own = [v["question"] for v in mathvista.values() if len(words(v["question"])) >= 8]
    assert len(own) > 20 and all(index.repeated_by(q) for q in own)


def test_images_by_bytes_and_by_look():
    bench = [
        {"image_id": "same", "benchmark": "MMStar", "item": "1", "phash": "f" * 16, "phash256": "f" * 64},
        {"image_id": "other", "benchmark": "OCRBench", "item": "2", "phash": "0" * 16, "phash256": "0" * 64},
    ]
    images = [
        {"image_id": "same", "phash": "f" * 16, "phash256": "f" * 64},
        {"image_id": "alike", "phash": "0" * 15 + "3", "phash256": "0" * 63 + "1"},
        {"image_id": "layout only", "phash": "0" * 15 + "3", "phash256": "0" * 32 + "5" * 32},
        {"image_id": "clean", "phash": "a5" * 8, "phash256": "a5" * 32},
    ]
    repeated = {image_id: hit.item for image_id, hit in image_hits(images, bench).items()}
    assert repeated == {"same": "MMStar:1", "alike": "OCRBench:2"}
