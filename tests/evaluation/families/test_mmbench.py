"""MMBench: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

from tests.evaluation.families.scored import values


def test_circular_hits_only_when_every_rotation_is_right():
    rows = [("1", 1, {}), ("1000001", 1, {}), ("2000001", 1, {}), ("2", 1, {}), ("1000002", 0, {})]
    metrics = values("MMBench_TEST_EN_V11", rows)
    assert metrics["strict_circular_accuracy"] == 0.5
    assert metrics["rotation_accuracy"] == 0.8
