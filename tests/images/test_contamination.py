"""Benchmark questions in a source: copied, wrapped, and those that only sound alike."""

from __future__ import annotations

import pytest

from wethink_assets.images.contamination import Questions, image_hits, words
from wethink_assets.sources.context import QA, Context

ITEMS = [
    {"benchmark": "MathVista_MINI", "item": "7", "question":
     "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end.\n"
     "Question: Is Medium Periwinkle greater than Light Sky Blue?\nChoices:\n(A) yes\n(B) no"},
    {"benchmark": "AI2D_TEST", "item": "3", "question":
     "Based on the food web, what would likely happen if the number of large roach would decrease?"},
    {"benchmark": "MMVet", "item": "v1_0", "question": "What colour is the car?"},
    {"benchmark": "MMBench_TEST_CN_V11", "item": "9", "question": "根据图片，下列哪一个物体位于最左边的桌子上面？"},
    {"benchmark": "MMMU_DEV_VAL", "item": "validation_Art_1", "question":
     "<image 1> Which of these paintings was made before the year 1500 in northern Italy?"},
]  # fmt: skip


@pytest.fixture(scope="module")
def questions():
    boilerplate = [
        {"benchmark": "MathVista_MINI", "item": str(100 + n), "question":
         "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end.\n"
         f"Question: Item {n}?"}
        for n in range(30)
    ]  # fmt: skip
    return Questions([*ITEMS, *boilerplate])


@pytest.mark.parametrize(
    ("asked", "item"),
    [
        (ITEMS[1]["question"], "AI2D_TEST:3"),
        ("based on the FOOD web what would likely happen, if the number of large roach would decrease", "AI2D_TEST:3"),
        ("Look closely. Based on the food web, what would likely happen if the number of large roach would decrease? "
         "Answer with a letter.", "AI2D_TEST:3"),
        (ITEMS[0]["question"], "MathVista_MINI:7"),
        (ITEMS[3]["question"], "MMBench_TEST_CN_V11:9"),
        ("Which of these paintings was made before the year 1500 in northern Italy?", "MMMU_DEV_VAL:validation_Art_1"),
        ("What colour is the car?", None),
        ("Based on the food web, what would likely happen if the hawk left?", None),
        ("Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end.\n"
         "Question: What is the largest city in this map of Peru?", None),
        ("", None),
    ],
)  # fmt: skip
def test_questions(questions, asked, item):
    hit = questions.repeated_by(asked)
    assert (hit.item if hit else None) == item
    if item:
        assert item in hit.detail


def test_any_question_of_an_image_counts(questions):
    assert questions.hit(Context(qa=(QA("What is it?"), QA(ITEMS[1]["question"])))).item == "AI2D_TEST:3"
    assert questions.hit(Context(captions=(ITEMS[1]["question"],))) is None


def test_real_benchmark_questions_do_not_hit_other_sources(realdata):
    """MathVista's own questions against native questions of ChartQA and ScienceQA that are not in it."""
    import json

    mathvista = json.loads((realdata / "bench/MathVista/data/testmini.json").read_text())
    index = Questions(
        {"benchmark": "MathVista_MINI", "item": k, "question": v["question"]} for k, v in mathvista.items()
    )
    charts = json.loads((realdata / "chartqa/ChartQA Dataset/test/test_human.json").read_text())
    problems = json.loads((realdata / "sqa/problems.json").read_text())
    own = [c["query"] for c in charts] + [p["question"] for p in problems.values()]
    assert not [q for q in own if index.repeated_by(q)]
    assert all(index.repeated_by(v["question"]) for v in mathvista.values() if len(words(v["question"])) >= 8)


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
    found = {image_id: hit.item for image_id, hit in image_hits(images, bench).items()}
    assert found == {"same": "MMStar:1", "alike": "OCRBench:2"}
