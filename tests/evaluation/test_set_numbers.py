"""Numbers that say on what they stand: fewer items, rules alone, bounds, contaminated items."""

from __future__ import annotations

from resources.lake.store import Commit, Write
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import NO_REPLY, Scored
from wethink_assets.evaluation.set_numbers import numbers_of

STAR = BY_NAME["MMStar"]


def item(i: int) -> Item:
    return Item("MMStar", str(i), "?", image_ids=(f"image {i}",), category="a" if i % 2 else "b")


OF = {"policy_id": "p", "policy_kind": "base"}


def numbers(scored: list[Scored], **options):
    pairs = [(item(i), s) for i, s in enumerate(scored)]
    (row,) = numbers_of(STAR, "strict", pairs, **{**OF, "n_set": len(scored), "resamples": 200, "seed": 0, **options})
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
        BY_NAME["DynaMath"], "vlmevalkit", [(Item("DynaMath", "1", "?"), RIGHT)], **OF, n_set=1, resamples=9, seed=0
    )
    assert [r["metric"] for r in rows] == ["vlmevalkit_worst_case", "vlmevalkit_average"]
    assert not any(r["main"] for r in rows) and all(r["scorer"] == "vlmevalkit" for r in rows)


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
    contaminated = [(r["benchmark"], r["item"]) for r in lake.rows("evaluation/select_contaminated_items")]
    assert contaminated == [("AI2D_TEST", "1"), ("AI2D_TEST", "2"), ("MMStar", "1"), ("MMStar", "2")]
