"""Numbers over whole sets and their breakdowns, by hand."""

from __future__ import annotations

from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.statistics import estimate


def test_items_that_share_an_image_are_one_cluster():
    pairs = [(Item("MMStar", str(i), "?", image_ids=("same",)), 1.0) for i in range(5)]
    (observations,) = metrics.observations(BY_NAME["MMStar"], pairs).values()
    assert {o.cluster for o in observations} == {"same"}


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
        for series in metrics.observations(benchmark, []).values():
            assert estimate(series, resamples=10, seed=0).value is None
