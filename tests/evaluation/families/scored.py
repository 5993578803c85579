"""The strict verdict on one reply, and the numbers of a set, as tests of families ask for them."""

from __future__ import annotations

from tests.evaluation.judged import Judge
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import score_items
from wethink_assets.evaluation.statistics import estimate

COLOURS = ("red", "blue", "dark blue", "2", "12")


def score(rule: str, reply: str | None, judge: Judge | None = None, **item):
    asked = Item(**{"benchmark": "S", "item": "1", "question": "Which?", **item})
    (scored,) = score_items([(family(rule).strict, asked, reply)], judge)
    return scored


def values(name: str, rows):
    """Every number of a set from (item id, score, extra) rows."""
    pairs = [(Item(name, item, "?", image_ids=(item,), extra=extra), score) for item, score, extra in rows]
    observations = metrics.observations(BY_NAME[name], pairs)
    assert next(iter(observations)) == BY_NAME[name].metric
    return {k: estimate(v, resamples=10, seed=0).value for k, v in observations.items()}
