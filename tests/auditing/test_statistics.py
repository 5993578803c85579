"""Stratified draws and the estimate from them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.auditing.estimate import kappa, report, wilson
from wethink_assets.auditing.sample import allocation, draw

STRATA = st.dictionaries(
    st.tuples(st.sampled_from(["coco", "gqa", "sam", ""]), st.sampled_from(["MC", "FIB", "DES"])),
    st.integers(1, 5_000),
    min_size=1,
)


def release(sizes):
    return [
        {"sample_id": f"{source}-{category}-{n}", "source": source, "category": category}
        for (source, category), rows in sizes.items()
        for n in range(rows)
    ]


def verdicts(rows, verdict, person="me"):
    return [{**row, "person": person, "verdict": verdict(row)} for row in rows]


@given(STRATA, st.integers(1, 6_000))
def test_an_allocation_gives_all_rows_and_no_stratum_more_than_it_has(strata, rows):
    given_ = allocation(strata, rows)
    assert sum(given_.values()) == min(rows, sum(strata.values()))
    assert all(0 <= given_[key] <= strata[key] for key in strata)
    if rows >= len(strata):
        assert min(given_.values()) >= 1


def test_a_draw_is_the_same_for_a_seed_and_a_larger_one_holds_it():
    sizes = {("coco", "MC"): 300, ("coco", "FIB"): 200, ("sam", "DES"): 3}
    windows = [release(sizes)[n : n + 50] for n in range(0, 503, 50)]
    small, large = (draw(windows, sizes, rows, seed=4) for rows in (50, 100))
    assert small == draw(reversed(windows), sizes, 50, seed=4) and len(small) == 50
    assert {r["sample_id"] for r in small} <= {r["sample_id"] for r in large}
    assert small != draw(windows, sizes, 50, seed=5)


def test_rows_that_were_judged_come_again_only_as_asked():
    sizes = {("coco", "MC"): 100}
    rows = release(sizes)
    judged = {row["sample_id"] for row in rows[:50]}
    assert not judged & {r["sample_id"] for r in draw([rows], sizes, 40, seed=1, judged=judged)}
    again = draw([rows], sizes, 40, seed=1, judged=judged, again=0.25)
    assert len(again) == 40 and len(judged & {r["sample_id"] for r in again}) == 10
    assert len(draw([rows], sizes, 100, seed=1, judged=judged)) == 50


def test_the_interval_holds_the_true_share_about_as_often_as_it_says():
    """Errors of 2 % in a large stratum and 20 % in a small one, 150 audits of 120 rows of 1,800."""
    sizes = {("coco", "MC"): 1_500, ("sam", "DES"): 300}
    rows = release(sizes)
    rng = random.Random(1)
    wrong = {r["sample_id"] for r in rows if rng.random() < (0.02 if r["source"] == "coco" else 0.2)}
    truth, held = len(wrong) / len(rows), 0
    for seed in range(150):
        drawn = draw([rows], sizes, 120, seed=seed)
        error = report(verdicts(drawn, lambda r: "wrong" if r["sample_id"] in wrong else "right"), sizes).error
        held += error.low <= truth <= error.high
    assert held / 150 >= 0.92


def test_the_interval_holds_for_whatever_the_rows_of_strata_are_of_which_none_was_judged():
    sizes = {("coco", "MC"): 600, ("sam", "FIB"): 400}
    seen = report(verdicts(release({("coco", "MC"): 100}), lambda r: "right"), sizes).error
    assert (seen.share, seen.low, seen.unseen, seen.of) == (0.0, 0.0, 400, 1_000) and 0.4 < seen.high < 0.43
    every = report(verdicts(release({("coco", "MC"): 600}), lambda r: "wrong"), sizes).error
    assert (every.share, every.low, every.high) == (1.0, 0.6, 1.0)
    both = report(verdicts(release({("coco", "MC"): 100, ("sam", "FIB"): 1}), lambda r: "right"), sizes).error
    assert both.unseen == 0


@given(STRATA, st.integers(1, 60), st.integers(0, 60), st.booleans())
def test_a_share_lies_within_its_interval(strata, rows, wrong, backwards):
    some = release({key: min(3, size) for key, size in strata.items()})
    judged_rows = some[::-1] if backwards else some
    said = [
        row | {"person": "me", "verdict": "wrong" if n < wrong else "right"} for n, row in enumerate(judged_rows[:rows])
    ]
    error = report(said, strata).error
    assert 0 <= error.low <= error.share <= error.high <= 1


def test_a_share_of_all_is_within_its_interval_however_weights_round():
    sizes = {(f"s{n}", ""): rows for n, rows in enumerate((3, 7, 11, 13, 17, 19, 23, 99_991, 65_537, 31_337))}
    for judged_rows in range(1, 4):
        rows = release({key: min(judged_rows, size) for key, size in sizes.items()})
        error = report(verdicts(rows, lambda r: "wrong"), sizes).error
        assert error.low <= error.share <= error.high == 1.0


def test_who_judges_all_rows_knows_the_share():
    sizes = {("coco", "MC"): 20, ("sam", "FIB"): 20}
    error = report(verdicts(release(sizes), lambda r: "wrong" if r["source"] == "sam" else "right"), sizes).error
    assert (error.share, error.low, error.high, error.rows, error.of) == (0.5, 0.5, 0.5, 40, 40)


def test_weights_are_those_of_the_release_and_not_of_what_was_judged():
    sizes = {("coco", "MC"): 9_000, ("sam", "FIB"): 1_000}
    rows = [*release({("coco", "MC"): 10}), *release({("sam", "FIB"): 90})]
    found = report(verdicts(rows, lambda r: "wrong" if r["source"] == "sam" else "right"), sizes)
    assert found.error.share == pytest.approx(0.1)
    assert found.by_part["source"]["sam"].share == 1.0 and found.by_part["category"]["MC"].share == 0.0


def test_people_who_disagree_count_as_most_say_and_at_a_tie_as_not_right():
    sizes = {("coco", "MC"): 100}
    rows = release({("coco", "MC"): 2})
    said = [
        *verdicts(rows, lambda r: "right", "a"),
        *verdicts(rows, lambda r: "right" if r["sample_id"].endswith("0") else "unsafe", "b"),
    ]
    found = report(said, sizes)
    assert found.by_verdict == {"right": 1, "unsafe": 1} and (found.judged_twice, found.agreeing) == (2, 1)
    third = report([*said, *verdicts(rows, lambda r: "right", "c")], sizes)
    assert third.by_verdict == {"right": 2} and third.persons == {"a": 2, "b": 2, "c": 2}


def test_kappa_and_wilson_have_their_known_values():
    pairs = [("right", "right")] * 20 + [("wrong", "wrong")] * 15 + [("right", "wrong")] * 5 + [("wrong", "right")] * 10
    assert kappa(pairs) == pytest.approx(0.394, abs=0.01) and kappa([]) is None and kappa([("right", "right")]) is None
    assert wilson(0.1, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_nothing_judged_is_no_estimate():
    assert report([], {("coco", "MC"): 5}).error is None
