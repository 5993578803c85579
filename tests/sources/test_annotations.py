"""The typed context: JSON both ways, bounds, hostile text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.sources.annotations import (
    JSON_LIMIT,
    LIMITS,
    QA,
    ImageAnnotations,
    ObjectAnnotation,
    OcrToken,
    Relation,
    Table,
)

TEXT = st.text(max_size=30)
BOX = st.none() | st.tuples(*[st.floats()] * 4)
CONTEXTS = st.builds(
    ImageAnnotations,
    captions=st.lists(TEXT, max_size=30).map(tuple),
    objects=st.lists(st.builds(ObjectAnnotation, TEXT, BOX, st.lists(TEXT, max_size=3).map(tuple)), max_size=5).map(
        tuple
    ),
    relations=st.lists(st.builds(Relation, TEXT, TEXT, TEXT), max_size=5).map(tuple),
    text_tokens=st.lists(st.builds(OcrToken, TEXT, BOX), max_size=5).map(tuple),
    table=st.none() | st.builds(Table, st.tuples(TEXT, TEXT), st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple)),
    qa=st.lists(st.builds(QA, TEXT, st.lists(TEXT, max_size=3).map(tuple)), max_size=5).map(tuple),
    masks=st.integers(0, 1000),
    facts=st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple),
)


@settings(max_examples=80, deadline=None)
@given(CONTEXTS)
def test_json_both_ways(context):
    stored = context.to_json()
    again = ImageAnnotations.from_json(stored)
    assert again == context.bounded()
    assert again.to_json() == stored


def test_two_columns_stay_a_table():
    context = ImageAnnotations(table=Table(("Year", "Value"), (("1", "2"), ("3", "4"))))
    assert ImageAnnotations.from_json(context.to_json()) == context


def test_empty_is_short():
    assert (
        ImageAnnotations().to_json() == "{}"
        and ImageAnnotations.from_json("{}").empty
        and ImageAnnotations.from_json(None).empty
    )


def test_bounded_in_lists_and_as_a_whole():
    many = ImageAnnotations(captions=tuple(f"caption {i}" for i in range(100)))
    assert len(many.bounded().captions) == LIMITS["captions"]
    assert many.bounded().cut == {"captions": 100 - LIMITS["captions"]}
    huge = ImageAnnotations(
        qa=tuple(QA(f"{i} " + "q" * 5_000, ("a" * 5_000,) * 20) for i in range(200)),
        table=Table(("h",) * 50, tuple(("c" * 900,) * 50 for _ in range(500))),
    )
    assert len(huge.to_json()) <= JSON_LIMIT


def test_hostile_text():
    captions = ImageAnnotations(captions=("a\x00b\x1b[31m\ud800", "  ", "ok")).bounded().captions
    assert captions == ("a b [31m", "ok")
    with pytest.raises(ValueError, match="this is no image context: KeyError"):
        ImageAnnotations.from_json('{"objects": [{"box": 1}]}')
