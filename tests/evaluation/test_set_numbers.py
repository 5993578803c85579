"""Numbers that say on what they stand: fewer items, rules alone, bounds, contaminated items; tests between policies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.lake.store import Commit, Write
from wethink_assets.benchmark_sets.registry import BENCHMARKS, BY_NAME
from wethink_assets.evaluation import scoreboard
from wethink_assets.evaluation.report.number_format import p_value
from wethink_assets.evaluation.scoring import NO_REPLY, Item, Scored
from wethink_assets.evaluation.set_numbers import numbers_of
from wethink_assets.evaluation.statistics import Observation, difference, holm

STAR = BY_NAME["MMStar"]


def item(i: int) -> Item:
    return Item("MMStar", str(i), "?", image_ids=(f"image {i}",), category="a" if i % 2 else "b")


def numbers(found: list[Scored], **options):
    pairs = [(item(i), s) for i, s in enumerate(found)]
    (row,) = numbers_of(STAR, "strict", pairs, **{"n_set": len(found), "resamples": 200, "seed": 0, **options})
    return row


RIGHT, WRONG = Scored("A", "correct", 1.0), Scored("B", "wrong", 0.0)


def test_a_number_over_fewer_items_says_so_in_its_name():
    row = numbers([RIGHT, WRONG, NO_REPLY], n_set=4)
    assert row["name"] == "strict_accuracy over 2 of 4 items" and (row["n"], row["n_failed"]) == (2, 2)
    assert numbers([RIGHT, WRONG])["name"] == "strict_accuracy"
    assert numbers([RIGHT], rules_only=True)["name"] == "strict_accuracy, rules only"


def test_what_only_a_judge_can_decide_moves_between_the_bounds():
    judged = Scored("x", "correct", 1.0, "judge", "call")
    undecided = Scored(None, "unparseable", 0.0, "none")
    row = numbers([RIGHT, WRONG, judged, undecided, NO_REPLY])
    assert (row["bound_low"], row["bound_high"], row["n_judged"], row["n_unparsed"]) == (25.0, 75.0, 2, 1)
    assert row["bound_low"] <= row["value"] <= row["bound_high"]


def test_contaminated_items_are_left_out_of_the_clean_value():
    row = numbers([RIGHT, RIGHT, WRONG, WRONG], contaminated={"0", "1", "77"})
    assert (row["value"], row["clean_value"], row["n_contaminated"]) == (50.0, 0.0, 2)
    same = numbers([RIGHT, WRONG])
    assert same["clean_value"] == same["value"] and same["n_contaminated"] == 0


def test_vlmevalkit_numbers_carry_its_name_and_are_no_headline():
    rows = numbers_of(
        BY_NAME["DynaMath"], "vlmevalkit", [(Item("DynaMath", "1", "?"), RIGHT)], n_set=1, resamples=9, seed=0
    )
    assert [r["metric"] for r in rows] == ["vlmevalkit_worst_case", "vlmevalkit_average"]
    assert not any(r["main"] for r in rows) and all(r["scorer"] == "vlmevalkit" for r in rows)


def test_holm_multiplies_the_smallest_by_all_and_never_falls():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": None}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": None}
    )


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=14))
def test_a_corrected_p_value_is_never_smaller(found):
    assert all(found[k] <= v <= 1 for k, v in holm(found).items())


def series(values) -> list[Observation]:
    return [Observation(str(i), float(v)) for i, v in enumerate(values)]


def test_the_randomisation_test_is_the_exact_sign_test():
    # five items that changed, all upwards: of 32 ways to swap them two are as extreme
    before, after = series([0] * 5 + [1] * 20), series([1] * 25)
    assert difference(before, after, resamples=20_000, seed=3).p == pytest.approx(2 / 32, abs=0.01)


def test_p_values_of_equal_policies_are_level():
    random = np.random.default_rng(5)
    found = [
        difference(series(random.random(80) < 0.5), series(random.random(80) < 0.5), resamples=400, seed=i).p
        for i in range(200)
    ]
    assert 0.01 <= np.mean(np.array(found) < 0.05) <= 0.1


def test_whole_clusters_are_swapped():
    # ten items of one picture are one observation: nothing can be said of a change on it alone
    one = [[Observation("same", v) for v in [value] * 10] + [Observation("other", 1.0)] for value in (0.0, 1.0)]
    assert difference(*one, resamples=500, seed=0).p == 1.0


def test_one_sure_regression_is_named_though_the_mean_rose():
    # fourteen sets rise a little; MMVet falls on all of its items
    rows = []
    for benchmark in BENCHMARKS:
        up = benchmark.name != "MMVet"
        p = 0.0001 if not up else 0.2
        rows.append({"benchmark": benchmark.name, "delta": 1.0 if up else -5.0, "p": p, "significant": not up})
    corrected = holm({r["benchmark"]: r["p"] for r in rows})
    rows = [{**r, "p_holm": corrected[r["benchmark"]]} for r in rows]
    assert scoreboard.regressions(rows) == scoreboard.sure_regressions(rows) == ["MMVet"]
    weak = [{**r, "p_holm": 0.4} for r in rows]
    assert scoreboard.regressions(weak) == ["MMVet"] and scoreboard.sure_regressions(weak) == []


@pytest.mark.parametrize(
    ("p", "shown"),
    [(None, "–"), (0.0, "<0.001"), (0.0001, "<0.001"), (0.0005, "0.001"), (0.0494, "0.049"), (1.0, "1.000")],
)
def test_no_p_value_is_written_as_zero(p, shown):
    assert p_value(p) == shown
    row = {
        "base_id": "b",
        "rl_id": "r",
        "benchmark": "MMStar",
        "n": 9,
        "base": 1.0,
        "rl": 2.0,
        "delta": 1.0,
        "low": 0.5,
        "high": 1.5,
        "p_holm": p,
        "significant": True,
        "detectable": 1.0,
        "clean_delta": None,
        "vlmevalkit_base": None,
        "vlmevalkit_rl": None,
        "paper_base": None,
        "paper_rl": None,
    }
    assert f"| {shown} |" in scoreboard.markdown([row], [], [STAR])


def test_items_that_a_source_holds_are_found_by_image_and_by_question(lake):
    """An image contaminates every item that shows it, a question its own item alone, whatever asset said so."""

    def item_row(name, index, *images):
        return {
            "benchmark": name,
            "item": index,
            "position": 0,
            "image_ids": list(images),
            "question": "?",
            "options": [],
            "extra": {},
            "run_id": "t",
        }

    def verdict(asset, reason, related):
        return {
            "asset": asset,
            "batch": "b",
            "subject_id": related or "x",
            "verdict": "dropped",
            "reason": reason,
            "related_id": related,
            "run_id": "t",
        }

    items = [
        item_row("MMStar", "1", "i1"),
        item_row("MMStar", "2", "i2", "i1"),
        item_row("MMStar", "3", "i3"),
        item_row("AI2D_TEST", "1", "i1"),
        item_row("AI2D_TEST", "2", "i4"),
        item_row("AI2D_TEST", "4", "i4"),
    ]
    verdicts = [
        verdict("image_pool", "benchmark_image", "MMStar:1"),
        verdict("questions", "benchmark_question", "AI2D_TEST:2"),
        verdict("image_pool", "near_duplicate", "MMStar:3"),
        verdict("image_pool", "benchmark_image", None),
    ]
    lake.write(Commit("t"), [Write("benchmark_items", items, replace={}), Write("verdicts", verdicts, replace={})])
    found = [(r["benchmark"], r["item"]) for r in lake.rows("evaluation/select_contaminated_items")]
    assert found == [("AI2D_TEST", "1"), ("AI2D_TEST", "2"), ("MMStar", "1"), ("MMStar", "2")]
