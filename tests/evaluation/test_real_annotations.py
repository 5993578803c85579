"""Real annotations without their images, and real images without annotations, each with a stand-in for the other.

MathVista, MathVerse, OCRBench and MM-Vet have no image among the real samples, HallusionBench only two that its rows
do not name: real questions, golds and groups are read, asked and scored. MMBench has images alone: they stand in
circular questions.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmark_sets.tsv_files import b64, write
from tests.evaluation.judged import Judge
from tests.evaluation.test_real_sets import lettered, numbers
from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import read_benchmarks
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation.families.mmvet import capabilities
from wethink_assets.evaluation.families.ocrbench import FORMULA
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.prompts import text_of
from wethink_assets.evaluation.scoring import VLMEVALKIT, score_items

SETS = ("MathVista_MINI", "MathVerse_MINI_Vision_Only", "OCRBench", "MMVet", "HallusionBench", "MMBench_TEST_EN_V11")


def loaded(path: Path) -> list[dict]:
    rows = json.loads(path.read_text("utf-8"))
    return list(rows.values()) if isinstance(rows, dict) else rows


def mathvista(bench: Path) -> list[dict]:
    rows = []
    for r in loaded(bench / "MathVista/data/testmini.json"):
        choices = r["choices"] or []
        option = "ABCDEFGH"[choices.index(r["answer"])] if choices else ""
        rows.append(
            {
                "index": r["pid"],
                "question": r["question"],
                "choices": str(choices) if choices else "",
                "answer": r["answer"],
                "answer_option": option,
                "question_type": r["question_type"],
                "answer_type": r["answer_type"],
                "task": r["metadata"]["task"],
                "skills": str(r["metadata"]["skills"]),
            }
        )
    return rows


def mathverse(bench: Path) -> list[dict]:
    return [
        {
            "index": r["sample_index"],
            "question": r["question"],
            "query_cot": r["query_cot"],
            "answer": r["answer"],
            "metadata": str(r["metadata"]),
        }
        for r in loaded(bench / "MathVerse/data/testmini_text_only.json")
    ]


def ocrbench(bench: Path) -> list[dict]:
    rows = loaded(bench / "OCRBench/OCRBench.json")
    golds = [r["answers"] if isinstance(r["answers"], list) else [r["answers"]] for r in rows]
    return [
        {"index": i, "question": r["question"], "answer": str(gold), "category": r["type"]}
        for i, (r, gold) in enumerate(zip(rows, golds, strict=True))
    ]


def mmvet(bench: Path) -> list[dict]:
    return [
        {
            "index": r["id"],
            "question": r["question"],
            "answer": r["answer"].replace(" <", "<").replace("> ", ">"),
            "category": ",".join(r["capability_words"]),
        }
        for r in loaded(bench / "MM-Vet/derived_readme_samples.json")
    ]


def hallusion(bench: Path) -> list[dict]:
    """As VLMEvalKit's file: the rows without a picture are not asked."""
    return [
        {
            "index": "_".join(
                str(r[k]) for k in ("category", "subcategory", "visual_input", "set_id", "figure_id", "question_id")
            ),
            "question": r["question"],
            "answer": "Yes" if r["gt_answer"] == "1" else "No",
            "category": r["category"],
            "l2-category": r["subcategory"],
            **({} if r["filename"] else {"image": ""}),
        }
        for r in loaded(bench / "HallusionBench/HallusionBench.json")
    ]


SEEN = {
    "318": "balloons",
    "1": "a list of fruit",
    "1745": "the earth in a hand",
    "2222": "a hammer over an egg",
    "2705": "two calendar leaves",
}


def mmbench(bench: Path) -> list[dict]:
    """Four rotations of one question about each real picture; the rotated rows name the row that holds it."""
    rows = []
    for name, text in SEEN.items():
        options = [text, "a bridge", "a violin", "a tram"]
        for turn in range(4):
            turned = options[-turn:] + options[:-turn] if turn else options
            cell = name if turn else b64((bench / "MMBench/samples/MMBench" / f"{name}.jpg").read_bytes())
            rows.append(
                {
                    "index": int(name) + turn * 1_000_000,
                    "image": cell,
                    "question": "What is shown?",
                    **lettered(turned),
                    "answer": "ABCD"[turn],
                    "category": "image_topic",
                }
            )
    return rows


@pytest.fixture(scope="module")
def read(realdata, tmp_path_factory):
    root, bench = tmp_path_factory.mktemp("annotations"), realdata / "bench"
    picture = b64((bench / "HallusionBench/examples_1_1/1.png").read_bytes())
    for name, rows_of in zip(SETS, (mathvista, mathverse, ocrbench, mmvet, hallusion, mmbench), strict=True):
        rows = rows_of(bench)
        holder = next(row for row in rows if "image" not in row or row["image"])
        holder.setdefault("image", picture)
        write(root / f"{name}.tsv", [{"image": str(holder["index"])} | row for row in rows])
    result = read_benchmarks(root, ImageStore(root / "images"), sets=[BY_NAME[name] for name in SETS])
    result.check()
    return result


@pytest.fixture(scope="module")
def items(read):
    by_set: dict[str, list[Item]] = {name: [] for name in SETS}
    for row in read.rows["benchmark_items"]:
        by_set[row["benchmark"]].append(Item.of(row))
    return by_set


def test_real_rows_are_items_and_those_without_a_picture_are_counted(read, items):
    assert {name: len(own) for name, own in items.items()} == {
        "MathVista_MINI": 60,
        "MathVerse_MINI_Vision_Only": 60,
        "OCRBench": 100,
        "MMVet": 20,
        "HallusionBench": 72,
        "MMBench_TEST_EN_V11": 20,
    }
    assert not read.failed and Counter((s.subject_id.split(":")[0], s.reason) for s in read.dropped) == {
        ("HallusionBench", "no_image"): 42
    }
    images = [r for r in read.rows["benchmark_images"] if r["benchmark"] == "MMBench_TEST_EN_V11"]
    assert len(images) == 5 and {r["format"] for r in images} == {"JPEG"}


def gold(item: Item) -> str:
    golds = strings_in(item.answer) if item.benchmark == "OCRBench" else None
    return golds[0] if golds else item.extra.get("answer_option") or item.answer


@pytest.mark.parametrize("name", [name for name in SETS if name != "MMVet"])
def test_real_golds_are_right_and_nonsense_is_wrong(items, name):
    headline = BY_NAME[name].metric
    assert (
        numbers(name, [(i, f"<think>I look.</think><answer>{gold(i)}</answer>") for i in items[name]])[headline] == 1.0
    )
    assert numbers(name, [(i, "<answer>no idea at all</answer>") for i in items[name]])[headline] <= (
        0.1 if name == "HallusionBench" else 0
    )


def test_real_hallusion_questions_make_figures_and_pairs(items):
    """Who says Yes to everything is right on the Yes golds, and on no question that has both golds on two figures."""
    own = items["HallusionBench"]
    said_yes = numbers("HallusionBench", [(i, "<answer>Yes</answer>") for i in own])
    assert said_yes["aAcc"] == sum(i.answer == "Yes" for i in own) / 72
    groups = Counter(i.item.rsplit("_", 1)[0] for i in own)
    figures = {g for g in groups if all(i.answer == "Yes" for i in own if i.item.rsplit("_", 1)[0] == g)}
    assert said_yes["fAcc"] == len(figures) / len(groups) and said_yes["qAcc"] < said_yes["aAcc"]
    assert numbers("HallusionBench", [(i, i.answer) for i in own], VLMEVALKIT)["vlmevalkit_aAcc"] == 1.0


def test_real_ocr_formulas_are_found_without_their_spaces(items):
    formulas = [i for i in items["OCRBench"] if i.category == FORMULA]
    assert len(formulas) == 10
    assert (
        numbers("OCRBench", [(i, f"It reads {gold(i).replace(' ', '')}.") for i in formulas], VLMEVALKIT)[
            "vlmevalkit_score"
        ]
        == 1.0
    )


def test_one_wrong_rotation_loses_the_question(items):
    own = items["MMBench_TEST_EN_V11"]
    replies = [(i, f"<answer>{'A' if i.item == '3000318' else i.answer}</answer>") for i in own]
    got = numbers("MMBench_TEST_EN_V11", replies)
    assert got["strict_circular_accuracy"] == pytest.approx(4 / 5) and got["rotation_accuracy"] == pytest.approx(
        19 / 20
    )


def test_real_mmvet_golds_reach_the_judge_whole(items):
    judge = Judge(grade={"score": 0.7})
    rule = family("mmvet").strict
    scored = score_items([(rule, i, "-1 or -5") for i in items["MMVet"]], judge)
    assert (
        [s.score for s in scored] == [0.7] * 20
        and "-1<AND>-5" in judge.asked[0].text
        and items["MMVet"][0].question in judge.asked[0].text
    )
    assert Counter(c for i in items["MMVet"] for c in capabilities(i))["OCR"] >= 5


def test_real_questions_are_asked_as_they_stand(items):
    for name in ("MathVista_MINI", "MathVerse_MINI_Vision_Only", "OCRBench", "MMVet"):
        assert all(text_of(BY_NAME[name], i) == i.question.strip() for i in items[name])
