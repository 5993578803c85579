"""Numbers over whole sets, by hand."""

from __future__ import annotations

import pytest

from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.scoring import Item
from wethink_assets.evaluation.statistics import estimate


def values(name: str, rows):
    """Every number of a set from (item id, score, extra) rows."""
    pairs = [(Item(name, item, "?", image_ids=(item,), extra=extra), score) for item, score, extra in rows]
    found = metrics.observations(BY_NAME[name], pairs)
    assert next(iter(found)) == BY_NAME[name].metric
    return {k: estimate(v, resamples=10, seed=0).value for k, v in found.items()}


def test_circular_hits_only_when_every_rotation_is_right():
    rows = [("1", 1, {}), ("1000001", 1, {}), ("2000001", 1, {}), ("2", 1, {}), ("1000002", 0, {})]
    found = values("MMBench_TEST_EN_V11", rows)
    assert found["strict_circular_accuracy"] == 0.5
    assert found["rotation_accuracy"] == 0.8


def test_dynamath_average_and_worst_case():
    rows = [(str(i), 1.0, {"qid": "1"}) for i in range(10)] + [
        (str(10 + i), float(i > 0), {"qid": "2"}) for i in range(10)
    ]
    found = values("DynaMath", rows)
    assert found["strict_worst_case"] == 0.5
    assert found["average"] == pytest.approx(0.95)


def wemath(composite: str, scores: list[int]):
    steps = len(scores) - 1
    keys = [*(f"{steps}steps_{i + 1}" for i in range(steps)), f"{steps}steps_multi"]
    return [(f"{composite}-{k}", float(s), {"ID": composite, "key": k}) for k, s in zip(keys, scores, strict=True)]


def test_wemath_counts_composites_of_the_file():
    rows = [
        *wemath("mastered", [1, 1, 1]),
        *wemath("not generalised", [1, 1, 0]),
        *wemath("by rote", [1, 0, 1]),
        *wemath("not known", [0, 1, 0]),
        *wemath("three, one wrong", [1, 0, 1, 1]),
    ]
    found = values("WeMath", rows)
    assert found["strict_score"] == pytest.approx((5 - 0.5 * 1 - 2 - 1) / 5)
    assert found["loose_score"] == pytest.approx((5 - 0.5 * 1 - 0 - 1) / 5)  # one right step saves a right composite
    assert (found["share_IG"], found["share_RM"], found["share_IK"], found["share_CM"]) == (0.2, 0.4, 0.2, 0.2)
    assert found["S1_accuracy"] == pytest.approx(8 / 11)
    assert (found["S2_accuracy"], found["S3_accuracy"]) == (0.5, 1.0)


def test_wemath_leaves_out_composites_that_lack_a_part():
    found = values("WeMath", [*wemath("whole", [1, 1, 1]), *wemath("lost", [1, 1, 1])[:2]])
    assert found["strict_score"] == 1.0


def test_hallusionbench_is_the_mean_of_three():
    rows = [
        ("VD_figure_0_1_0_0", 1.0, {}),
        ("VD_figure_0_1_0_1", 0.0, {}),  # figure 0 of set 1
        ("VD_figure_0_1_1_0", 1.0, {}),
        ("VD_figure_0_1_1_1", 1.0, {}),  # figure 1 of set 1
        ("VS_chart_0_1_0_0", 1.0, {}),  # another kind with the same numbers
    ]
    found = values("HallusionBench", rows)
    assert found["aAcc"] == pytest.approx(4 / 5)
    assert found["fAcc"] == pytest.approx(2 / 3)
    assert found["qAcc"] == pytest.approx(2 / 3)
    assert found["strict_mean_of_aAcc_fAcc_qAcc"] == pytest.approx((4 / 5 + 2 / 3 + 2 / 3) / 3)


def test_items_that_share_an_image_are_one_cluster():
    pairs = [(Item("MMStar", str(i), "?", image_ids=("same",)), 1.0) for i in range(5)]
    (found,) = metrics.observations(BY_NAME["MMStar"], pairs).values()
    assert {o.cluster for o in found} == {"same"}


def test_breakdown_by_category_and_by_capability():
    pairs = [(Item("MMVet", str(i), "?", category=c), s) for i, (c, s) in enumerate([("ocr,math", 1.0), ("ocr", 0.5)])]
    assert metrics.breakdowns(BY_NAME["MMVet"], pairs)["strict_score"]["capability"] == {
        "math": {"n": 1, "value": 100.0},
        "ocr": {"n": 2, "value": 75.0},
    }
    pairs = [(Item("OCRBench", "1", "?", category="Scene Text"), 1.0)]
    assert metrics.breakdowns(BY_NAME["OCRBench"], pairs)["strict_score"]["category"] == {
        "Scene Text": {"n": 1, "value": 1000.0}
    }


def test_no_item_is_no_number():
    for benchmark in BY_NAME.values():
        for found in metrics.observations(benchmark, []).values():
            assert estimate(found, resamples=10, seed=0).value is None


def test_real_wemath_rows_fall_into_composites(realdata):
    import json

    records = json.loads((realdata / "bench" / "WeMath" / "data" / "testmini.json").read_text("utf-8"))
    rows = [(str(i), 1.0, {"ID": r["ID"], "key": r["key"]}) for i, r in enumerate(records)]
    pairs = [(Item("WeMath", item, "?", extra=extra), score) for item, score, extra in rows]
    found = metrics.observations(BY_NAME["WeMath"], pairs)
    assert len(found["strict_score"]) == len({r["ID"] for r in records})
    assert values("WeMath", rows)["strict_score"] == 1.0
