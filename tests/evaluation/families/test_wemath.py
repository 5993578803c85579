"""We-Math: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

import pytest

from tests.evaluation.families.scored import values
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.item import Item


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
    numbers = values("WeMath", rows)
    assert numbers["strict_score"] == pytest.approx((5 - 0.5 * 1 - 2 - 1) / 5)
    assert numbers["loose_score"] == pytest.approx((5 - 0.5 * 1 - 0 - 1) / 5)  # one right step saves a right composite
    assert (numbers["share_IG"], numbers["share_RM"], numbers["share_IK"], numbers["share_CM"]) == (0.2, 0.4, 0.2, 0.2)
    assert numbers["S1_accuracy"] == pytest.approx(8 / 11)
    assert (numbers["S2_accuracy"], numbers["S3_accuracy"]) == (0.5, 1.0)


def test_wemath_leaves_out_composites_that_lack_a_part():
    numbers = values("WeMath", [*wemath("whole", [1, 1, 1]), *wemath("lost", [1, 1, 1])[:2]])
    assert numbers["strict_score"] == 1.0


def test_real_wemath_rows_fall_into_composites(realdata):
    import json

    records = json.loads((realdata / "bench" / "WeMath" / "data" / "testmini.json").read_text("utf-8"))
    rows = [(str(i), 1.0, {"ID": r["ID"], "key": r["key"]}) for i, r in enumerate(records)]
    pairs = [(Item("WeMath", item, "?", extra=extra), score) for item, score, extra in rows]
    observations = metrics.observations(BY_NAME["WeMath"], pairs)
    assert len(observations["strict_score"]) == len({r["ID"] for r in records})
    assert values("WeMath", rows)["strict_score"] == 1.0
