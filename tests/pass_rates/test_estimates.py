"""pass@k against every draw of k answers, and intervals against what they promise."""

from __future__ import annotations

from itertools import combinations
from math import comb

import pytest

from wethink_assets.pass_rates.estimates import Counted, change, curve, exact_interval, pass_at


@pytest.mark.parametrize(("scored", "correct"), [(5, 0), (5, 1), (5, 3), (5, 5), (8, 2)])
def test_pass_at_k_is_the_share_of_all_draws_that_hold_a_right_answer(scored, correct):
    answers = [True] * correct + [False] * (scored - correct)
    for k in range(1, scored + 1):
        draws = list(combinations(answers, k))
        assert pass_at(k, scored, correct) == pytest.approx(sum(map(any, draws)) / len(draws))
    with pytest.raises(ValueError, match="pass@9 of"):
        pass_at(9, scored, correct)


def test_the_interval_of_a_rate_holds_the_true_one_at_least_as_often_as_it_says():
    for scored in (1, 5, 16):
        ends = [exact_interval(correct, scored) for correct in range(scored + 1)]
        for p in (i / 200 for i in range(1, 200)):
            held = sum(
                comb(scored, c) * p**c * (1 - p) ** (scored - c)
                for c, (low, high) in enumerate(ends)
                if low <= p <= high
            )
            assert held >= 0.95 - 1e-9, (scored, p, held)
    assert exact_interval(0, 5) == (0.0, pytest.approx(0.5218, abs=1e-4))
    assert exact_interval(3, 5) == (pytest.approx(0.1466, abs=1e-4), pytest.approx(0.9473, abs=1e-4))


def test_the_curve_counts_rows_with_enough_answers_and_clusters_what_depends_on_one_another():
    rows = [Counted(f"c{i // 3}", 4, i % 5, "train" if i % 2 else "heldout", "coco", "MC") for i in range(40)]
    rows.append(Counted("lost", 2, 1, "train", "sam", "MC"))
    table = {(p["part"], p["name"], p["k"]): p for p in curve(rows, 4, resamples=400, seed=0)}
    assert [table["all", "", k]["rows"] for k in (1, 2, 3, 4)] == [41, 41, 40, 40]
    values = [table["all", "", k]["value"] for k in (1, 2, 3, 4)]
    assert values == sorted(values) and values[3] == pytest.approx(0.8)
    assert ("source", "sam", 4) not in table and table["source", "sam", 1]["low"] is None  # one cluster, no interval
    assert table["all", "", 1]["low"] < values[0] < table["all", "", 1]["high"]
    assert {k for part, _, k in table if part == "split"} == {1, 4}


def test_the_change_is_taken_over_rows_that_both_policies_answered():
    pairs = [
        {"cluster_id": f"c{i}", "base_scored": 4, "base_correct": 1, "rl_scored": 4, "rl_correct": 4 * (i % 3 == 0)}
        for i in range(30)
    ]
    rows, narrowed = change([*pairs, pairs[0] | {"rl_scored": 2, "rl_correct": 2}], 4, resamples=400, seed=0)
    assert rows == 30 and narrowed.value == pytest.approx(-2 / 3) and narrowed.high < 0
    _, surer = change(pairs, 1, resamples=400, seed=0)
    assert surer.value == pytest.approx(1 / 3 - 1 / 4)
