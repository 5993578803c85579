"""Cells of benchmark files: lists and images in text, hostile ones too."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.benchmark_sets.cells import BadCellError, image_bytes, images_in, strings_in


def test_a_list_is_parsed_and_never_run():
    assert strings_in("['a', \"b's\"]") == ["a", "b's"]
    assert strings_in('["a", 2, 3.5]') == ["a", "2", "3.5"]
    assert strings_in("[]") == []
    for hostile in (
        "[__import__('os')]",
        "['a', open('x')]",
        "['a' 'b']",
        "['a'",
        "[" * 50_000 + "]" * 50_000,
        "['a\\x41', open('x')]",
    ):
        assert strings_in(hostile) is None
    assert strings_in("['\\\\frac{a}{b}', 'x']") == ["\\frac{a}{b}", "x"]  # formulas, as OCRBench's golds hold them
    with pytest.raises(BadCellError):
        images_in("[__import__('os').system('true')]" + " " * 80)


@given(
    st.lists(
        st.text(st.characters(blacklist_characters="\\'\"", blacklist_categories=("Cs",)), max_size=12), max_size=6
    )
)
def test_lists_of_strings_survive_both_spellings(values):
    assert strings_in(json.dumps(values)) == values
    assert strings_in("[" + ", ".join(f"'{v}'" for v in values) + "]") == values


@given(st.text(max_size=200))
def test_no_cell_raises_anything_but_its_reason(text):
    strings_in(text)
    reason = None
    try:
        for part in images_in(text) if text else []:
            image_bytes(part)
    except BadCellError as error:
        reason = error.reason
    assert reason in (None, "image_list", "image_not_base64")
