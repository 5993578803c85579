"""Real annotation files with their real images as VLMEvalKit's TSVs, through reading, decoding, asking and scoring.

Of the real samples these sets carry images: MathVision, DynaMath, We-Math, LogicVista and MMMU (its Pro tool's). The
others hold annotations or images alone.
"""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmark_sets.tsv_files import b64, write
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import read_benchmarks
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.prompts import request
from wethink_assets.evaluation.scoring import STRICT, VLMEVALKIT, score_items
from wethink_assets.evaluation.statistics import mean
from wethink_assets.settings import EvaluationSettings

SETS = ("MathVision", "DynaMath", "WeMath", "LogicVista", "MMMU_DEV_VAL")


def lettered(options: list[str]) -> dict[str, str]:
    return dict(zip(string.ascii_uppercase, options, strict=False))


def mathvision(folder: Path) -> list[dict]:
    rows = [json.loads(line) for line in (folder / "MathVision/data/test.jsonl").read_text("utf-8").splitlines()]
    return [
        {
            "index": r["id"],
            "image": b64((folder / "MathVision" / r["image"]).read_bytes()),
            "question": r["question"],
            "choices": str(r["options"]),
            "answer": r["answer"],
            "category": r["subject"],
            "l2-category": f"level {r['level']}",
        }
        for r in rows
    ]


def dynamath(folder: Path) -> list[dict]:
    rows = []
    for variant in range(1, 11):
        trial = folder / "DynaMath" / f"trial{variant}"
        for qid, r in json.loads((trial / "dataset.json").read_text("utf-8")).items():
            more = {
                "answer_type": r["answer_type"],
                "subject": r["subject"],
                "knowledge_level": r["level"],
                "qid": qid,
                "varid": variant,
            }
            index = (variant - 1) * 501 + int(qid)
            rows.append(
                {
                    "index": index,
                    "image": b64((trial / r["image"]).read_bytes()),
                    "question": r["question"],
                    "answer": r["answer"],
                    **more,
                }
            )
    return rows


def wemath(folder: Path) -> list[dict]:
    """Pictures that several steps share stand once, later rows name the row that holds them."""
    rows, held = [], {}
    for index, r in enumerate(json.loads((folder / "WeMath/data/testmini.json").read_text("utf-8"))):
        options = [re.sub(r"^[A-Z]\.\s*", "", part.strip()) for part in re.split(r";\s*(?=[A-Z]\.)", r["option"])]
        data = (folder / "WeMath/data" / r["image_path"]).read_bytes()
        cell = str(held[data]) if data in held else b64(data)
        held.setdefault(data, index)
        rows.append(
            {
                "index": index,
                "image": cell,
                "question": r["question"],
                **lettered(options),
                "answer": r["answer"],
                "ID": r["ID"],
                "key": r["key"],
                "knowledge concept": r["knowledge concept"],
            }
        )
    return rows


def logicvista(folder: Path) -> list[dict]:
    records = json.loads((folder / "LogicVista/data/dataset.json").read_text("utf-8"))
    return [
        {
            "index": name.removeprefix("v1_"),
            "image": b64((folder / "LogicVista/data/images" / r["imagename"]).read_bytes()),
            "question": r["question"],
            "answer": r["answer"],
            "skill": str(r["skill"]),
        }
        for name, r in records.items()
    ]


def mmmu(folder: Path) -> list[dict]:
    rows = [json.loads(line) for line in (folder / "MMMU/mmmu-pro_tool/data.jsonl").read_text("utf-8").splitlines()]
    return [
        {
            "index": i,
            "image": b64((folder / "MMMU/mmmu-pro_tool" / r["image_1"]).read_bytes()),
            "question": r["question"],
            **lettered(r["options"]),
            "answer": r["answer"],
            "split": "validation",
        }
        for i, r in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def read(realdata, tmp_path_factory):
    root = tmp_path_factory.mktemp("real")
    for name, rows_of in zip(SETS, (mathvision, dynamath, wemath, logicvista, mmmu), strict=True):
        write(root / f"{name}.tsv", rows_of(realdata / "bench"))
    result = read_benchmarks(root, ImageStore(root / "images"), sets=[BY_NAME[name] for name in SETS])
    result.check()
    return result


@pytest.fixture(scope="module")
def items(read):
    by_set: dict[str, list[Item]] = {name: [] for name in SETS}
    for row in read.rows["benchmark_items"]:
        by_set[row["benchmark"]].append(Item.of(row))
    return by_set


def numbers(name: str, pairs: list[tuple[Item, str]], scorer: str = STRICT) -> dict[str, float]:
    """Numbers of replies by rule alone."""
    rule = family(BY_NAME[name].rule).rule(scorer, judge=False)
    scored = score_items([(rule, item, reply) for item, reply in pairs], None)
    observations = metrics.observations(
        BY_NAME[name], [(i, s.score) for (i, _), s in zip(pairs, scored, strict=True)], scorer
    )
    return {metric: mean(values) for metric, values in observations.items() if values}


def test_every_real_row_is_an_item_and_every_image_decodes(read, items):
    assert not read.failed and not read.dropped
    assert {name: len(own) for name, own in items.items()} == {
        "MathVision": 40,
        "DynaMath": 50,
        "WeMath": 54,
        "LogicVista": 43,
        "MMMU_DEV_VAL": 6,
    }
    images = {r["image_id"]: r for r in read.rows["benchmark_images"]}
    distinct = {name: len({i for item in own for i in item.image_ids}) for name, own in items.items()}
    assert distinct["LogicVista"] == 40  # three of the real pictures are there twice
    assert distinct["DynaMath"] == 41  # one question keeps its picture in all ten variants
    assert distinct["MathVision"] == 40 and distinct["MMMU_DEV_VAL"] == 6
    # three of We-Math's ".png", one picture of three steps, are JPEG inside
    shown = [images[i] for item in items["WeMath"] for i in item.image_ids]
    assert (
        Counter(r["image_uri"].rsplit(".", 1)[1] for r in shown)["jpg"]
        == 3
        == sum(r["format"] == "JPEG" for r in shown)
    )


@pytest.mark.parametrize("name", SETS)
def test_real_golds_are_right_answers_for_both_scorers(items, name):
    headline = BY_NAME[name].metric
    own = [(i, f"<think>I look.</think><answer>{i.answer}</answer>") for i in items[name]]
    assert numbers(name, own)[headline] == 1.0
    if name in ("WeMath", "MMMU_DEV_VAL"):
        bare = numbers(name, [(i, i.answer) for i in items[name]], VLMEVALKIT)
        assert bare[metrics.metric_name(headline, VLMEVALKIT)] == 1.0
    assert numbers(name, [(i, "<answer>no idea at all</answer>") for i in items[name]])[headline] == 0.0


def test_a_real_dynamath_question_is_lost_where_one_of_its_variants_is(items):
    """Whoever knows the first variant's answers alone is right on those, and on others by chance of equal golds."""
    first = {i.extra["qid"]: i.answer for i in items["DynaMath"] if i.extra["varid"] == "1"}
    assert first == {"4": "12", **{q: first[q] for q in ("54", "104", "154", "204")}}
    metrics = numbers("DynaMath", [(i, f"<answer>{first[i.extra['qid']]}</answer>") for i in items["DynaMath"]])
    same = [i.answer == first[i.extra["qid"]] for i in items["DynaMath"]]
    assert (
        metrics["strict_worst_case"] == 0.0
        and metrics["average"] == pytest.approx(sum(same) / 50, abs=0.021)
        and 0.1 <= metrics["average"] < 1
    )


def test_real_wemath_composites_tell_mastery_from_rote(items):
    whole_wrong = [
        (i, "<answer>Z</answer>" if i.extra["key"].endswith("multi") else f"<answer>{i.answer}</answer>")
        for i in items["WeMath"]
    ]
    metrics = numbers("WeMath", whole_wrong)
    assert (
        metrics["strict_score"] == 0.5
        and metrics["share_IG"] == 1.0
        and metrics["S1_accuracy"] == 1.0
        and metrics["S2_accuracy"] == metrics["S3_accuracy"] == 0.0
    )
    steps_wrong = [
        (i, f"<answer>{i.answer}</answer>" if i.extra["key"].endswith("multi") else "<answer>Z</answer>")
        for i in items["WeMath"]
    ]
    assert numbers("WeMath", steps_wrong)["share_RM"] == 1.0
    assert len({i.extra["ID"] for i in items["WeMath"]}) == 16


def test_real_logicvista_golds_of_several_letters_are_sets(items):
    several = [i for i in items["LogicVista"] if "," in i.answer]
    turned = [(i, f"<answer>{', '.join(reversed(i.answer.split(', ')))}</answer>") for i in several]
    assert not several or numbers("LogicVista", turned)["strict_accuracy"] == 1.0


def test_real_mmmu_images_stand_where_the_question_names_them(items):
    for item in items["MMMU_DEV_VAL"]:
        (*_, user) = request(BY_NAME["MMMU_DEV_VAL"], item, EvaluationSettings(profile="wethink")).messages()
        kinds = [part["type"] for part in user["content"]]
        named = len(re.findall(r"<image 1>", " ".join([item.question, *item.options])))
        assert kinds.count("image") == max(1, named) and not any(
            "<image 1>" in part.get("text", "") for part in user["content"]
        )
