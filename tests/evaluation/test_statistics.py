"""The cluster bootstrap: what an interval has to do."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.evaluation.statistics import NOTHING, Observation, difference, estimate, holm


def independent(values) -> list[Observation]:
    return [Observation(str(i), float(v)) for i, v in enumerate(values)]


def test_it_agrees_with_the_binomial_interval():
    number = estimate(independent([1] * 300 + [0] * 100), resamples=10_000, seed=1)
    half = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert number.value == 0.75
    assert number.low == pytest.approx(0.75 - half, abs=0.004)
    assert number.high == pytest.approx(0.75 + half, abs=0.004)


def test_items_of_one_cluster_count_once():
    ten_each = [Observation(str(i // 10), float(i // 10 % 2)) for i in range(1000)]
    clustered = estimate(ten_each, resamples=5_000, seed=0)
    naive = estimate(independent([o.value for o in ten_each]), resamples=5_000, seed=0)
    assert clustered.value == naive.value == 0.5
    assert (clustered.high - clustered.low) == pytest.approx(10**0.5 * (naive.high - naive.low), rel=0.1)


def test_a_paired_difference_is_narrower_than_two_intervals():
    random = np.random.default_rng(0)
    before = random.random(400) < 0.6
    after = before | (random.random(400) < 0.1)
    change = difference(independent(before), independent(after), resamples=10_000, seed=0)
    assert change.value == pytest.approx(after.mean() - before.mean())
    assert 0 < change.low < change.value < change.high < 0.1
    apart = estimate(independent(before), resamples=10_000, seed=0)
    assert change.high - change.low < (apart.high - apart.low) / 1.5


def test_the_same_replies_differ_by_exactly_nothing():
    same = independent([1, 0, 1, 1, 0])
    assert (
        difference(same, same, resamples=1000, seed=0).low == difference(same, same, resamples=1000, seed=0).high == 0.0
    )


def test_equal_inputs_give_equal_intervals_and_order_does_not_matter():
    values = independent([1, 0, 0, 1, 1, 0, 1])
    assert estimate(values, resamples=500, seed=3) == estimate(values[::-1], resamples=500, seed=3)
    uneven = independent([0.1, 0.23, 0.4, 0.77, 0.9, 1.0])
    assert estimate(uneven, resamples=500, seed=3) != estimate(uneven, resamples=500, seed=4)


def test_all_right_or_all_wrong_is_not_certain():
    """Of 20 clusters without a success, the exact interval ends at 1 - 0.025 ** (1 / 20)."""
    none = estimate([Observation(str(i // 2), 0.0) for i in range(40)], resamples=500, seed=0)
    assert (none.value, none.low, none.high) == (0.0, 0.0, pytest.approx(0.1684, abs=1e-4))
    every = estimate(independent([1] * 20), resamples=500, seed=0)
    assert (every.value, every.low, every.high) == (1.0, pytest.approx(0.8316, abs=1e-4), 1.0)
    assert difference(independent([1] * 20), independent([1] * 20), resamples=100, seed=0).detectable is None


def test_parts_are_averaged_not_pooled():
    values = [Observation("a", 1.0, "x"), *(Observation(str(i), 0.0, "y") for i in range(9))]
    assert estimate(values, resamples=100, seed=0).value == 0.5


def test_nothing_and_a_single_cluster():
    assert estimate([], resamples=100, seed=0) == NOTHING
    assert difference([], independent([1]), resamples=100, seed=0) == NOTHING
    alone = estimate([Observation("a", 1.0), Observation("a", 0.0)], resamples=100, seed=0)
    assert (alone.value, alone.low, alone.high) == (0.5, None, None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from([0.0, 0.3, 1.0])), min_size=1, max_size=40))
def test_the_interval_stays_within_the_values(rows):
    values = [Observation(str(c), v) for c, v in rows]
    number = estimate(values, resamples=200, seed=0)
    assert number.value == pytest.approx(sum(v for _, v in rows) / len(rows))
    if number.low is not None:
        assert 0.0 <= number.low <= number.high <= 1.0


def test_coverage_is_near_95_percent():
    random = np.random.default_rng(5)
    hits = 0
    for trial in range(200):
        clusters = random.random(120) < 0.5
        values = [
            Observation(str(i), float(c != (random.random() < 0.1))) for i, c in enumerate(clusters) for _ in range(3)
        ]
        number = estimate(values, resamples=400, seed=trial)
        hits += number.low <= 0.5 <= number.high
    assert 180 <= hits <= 199


def test_the_paired_test_finds_nothing_where_nothing_is():
    """Both policies are as good, with whole clusters that suit one or the other: p < 0.05 in one of twenty."""
    random = np.random.default_rng(3)
    rejected = 0
    for trial in range(300):
        easy = random.random(100)
        sides = [np.clip(easy + random.normal(0, 0.15, 100), 0, 1) for _ in range(2)]
        before, after = (
            [Observation(str(i), float(random.random() < p)) for i, p in enumerate(side) for _ in range(3)]
            for side in sides
        )
        rejected += difference(before, after, resamples=300, seed=trial).p < 0.05
    assert 3 <= rejected <= 27


def test_the_interval_is_that_of_scipys_bootstrap_over_the_same_clusters():
    from scipy.stats import bootstrap

    random = np.random.default_rng(7)
    sizes = random.integers(1, 5, 200)
    values = [random.random(size) < ease for size, ease in zip(sizes, random.random(200), strict=True)]
    sums = np.array([v.sum() for v in values], float)
    theirs = bootstrap(
        (sums, sizes.astype(float)),
        lambda s, n, axis: s.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=5_000,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    ours = estimate(
        [Observation(str(i), float(v)) for i, own in enumerate(values) for v in own], resamples=5_000, seed=0
    )
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.005)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.005) and ours.error == pytest.approx(
        theirs.standard_error, rel=0.05
    )


def test_ten_thousand_draws_over_three_thousand_items_take_under_a_second():
    random = np.random.default_rng(0)
    before = [Observation(str(i // 2), float(v)) for i, v in enumerate(random.random(3000) < 0.5)]
    tenths = [Observation(str(i), float(v)) for i, v in enumerate(np.round(random.random(3000), 1))]
    began = time.process_time()
    difference(before, before[::-1], resamples=10_000, seed=0)
    estimate(tenths, resamples=10_000, seed=0)
    assert time.process_time() - began < 1.0


def test_holm_multiplies_the_smallest_by_all_and_never_falls():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": None}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": None}
    )


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=14))
def test_a_corrected_p_value_is_never_smaller(p_values):
    assert all(p_values[k] <= v <= 1 for k, v in holm(p_values).items())


def series(values) -> list[Observation]:
    return [Observation(str(i), float(v)) for i, v in enumerate(values)]


def test_the_randomisation_test_is_the_exact_sign_test():
    # five items that changed, all upwards: of 32 ways to swap them two are as extreme
    before, after = series([0] * 5 + [1] * 20), series([1] * 25)
    assert difference(before, after, resamples=20_000, seed=3).p == pytest.approx(2 / 32, abs=0.01)


def test_p_values_of_equal_policies_are_level():
    random = np.random.default_rng(5)
    p_values = [
        difference(series(random.random(80) < 0.5), series(random.random(80) < 0.5), resamples=400, seed=i).p
        for i in range(200)
    ]
    assert 0.01 <= np.mean(np.array(p_values) < 0.05) <= 0.1


def test_whole_clusters_are_swapped():
    # ten items of one picture are one observation: nothing can be said of a change on it alone
    one = [[Observation("same", v) for v in [value] * 10] + [Observation("other", 1.0)] for value in (0.0, 1.0)]
    assert difference(*one, resamples=500, seed=0).p == 1.0
