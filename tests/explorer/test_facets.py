"""Cross-filters count what a plain loop over the rows counts."""

from __future__ import annotations

import random

import numpy as np
import polars as pl

from wethink_assets.explorer.facets import Facet, facet, narrow
from wethink_assets.explorer.query import Query

COLOURS, SHAPES = ("red", "blue", "green"), ("disc", "cube", "cone")


def _rows(size: int) -> pl.DataFrame:
    drawn = random.Random(7)
    return pl.DataFrame(
        {
            "colour": [drawn.choice([*COLOURS, None]) for _ in range(size)],
            "shapes": [drawn.sample(SHAPES, drawn.randrange(4)) or None for _ in range(size)],
        },
        schema={"colour": pl.String, "shapes": pl.List(pl.String)},
    )


def _by_loop(rows: list[dict], chosen: dict[str, tuple[str, ...]], but: str = "") -> list[int]:
    def fits(row: dict) -> bool:
        colour = chosen.get("colour") if but != "colour" else ()
        shapes = chosen.get("shape") if but != "shape" else ()
        return (not colour or row["colour"] in colour) and (not shapes or bool(set(shapes) & set(row["shapes"] or ())))

    return [number for number, row in enumerate(rows) if fits(row)]


def test_rows_and_counts_are_those_of_a_loop_for_every_choice():
    frame = _rows(300)
    rows = frame.to_dicts()
    facets = [facet("colour", "Colour", frame["colour"]), facet("shape", "Shape", frame["shapes"])]
    for colours in ((), ("red",), ("red", "blue"), ("mauve",)):
        for shapes in ((), ("cube",), ("disc", "cone")):
            chosen = {"colour": colours, "shape": shapes}
            found = narrow(facets, chosen, len(rows))
            assert found.rows.tolist() == _by_loop(rows, chosen)
            left = _by_loop(rows, chosen, but="colour")
            assert found.counts["colour"] == {c: sum(rows[i]["colour"] == c for i in left) for c in facets[0].values}
            left = _by_loop(rows, chosen, but="shape")
            assert found.counts["shape"] == {s: sum(s in (rows[i]["shapes"] or ()) for i in left) for s in SHAPES}


def test_a_search_narrows_rows_and_counts():
    frame = _rows(50)
    colours = facet("colour", "Colour", frame["colour"])
    also = np.arange(50) < 10
    found = narrow([colours], {}, 50, also)
    assert found.rows.tolist() == list(range(10))
    assert sum(found.counts["colour"].values()) == frame["colour"][:10].drop_nulls().len()


def test_values_stand_in_the_given_order_then_by_their_rows():
    made = facet("c", "C", pl.Series(["x", "b", "b", "a", None, "b", "a"]), ("a", "none of it"))
    assert made.values == ("a", "b", "x") and made.codes.tolist() == [2, 1, 1, 0, -1, 1, 0]


def test_a_facet_without_values_has_no_counts():
    made = facet("c", "C", pl.Series([None, None], dtype=pl.String))
    assert isinstance(made, Facet) and narrow([made], {"c": ("x",)}, 2).rows.size == 0
    assert narrow([made], {}, 2).counts == {"c": {}}


def test_an_address_says_a_choice_and_what_it_cannot_read_is_left_out():
    pairs = [("colour", "red"), ("colour", "red"), ("colour", "a&b=c"), ("q", " two \0 words "), ("page", "3")]
    query = Query.of([*pairs, ("at", "-1"), ("page", "x"), ("unknown", "1"), ("colour", "")], ["colour"])
    assert query == Query({"colour": ("red", "a&b=c")}, "two words", 1)
    assert query.address() == "/rows?colour=red&colour=a%26b%3Dc&q=two+words"
    assert query.toggled("colour", "red").chosen["colour"] == ("a&b=c",)
    assert query.without("colour").address() == "/rows?q=two+words"
    assert Query.of([("page", "9" * 30), ("at", "²")], []) == Query()
