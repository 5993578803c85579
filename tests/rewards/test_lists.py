"""Patterns that join parts: the work grows with the text's length, and they part texts as their plain forms do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.rewards import lists

PLAIN = {
    "_CONJUNCTION": re.compile(
        r"\s+(?:and|or)\s+|\s*(?:\\text\s*\{\s*(?:and|or)\s*\}|&|和|与|及|或)\s*", re.IGNORECASE
    ),
    "_ARROW": re.compile(r"\s*(?:→|->|=>|⇒|\\rightarrow|\\to)\s*"),
}
PIECES = st.sampled_from(
    [" ", "  ", "\t", "a", "and", "or", "&", "和", "\\text{and}", "\\text { or }", "→", "->", "\\to", "{", "}"]
)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    "text", [" " * 300_000, "x" + " " * 300_000 + "x", "\\text{" + " " * 300_000, "\u3000 " * 150_000]
)
def test_a_flood_of_spaces_ends(name, text):
    """At the square of its length each of these would take many minutes, and the suite's time limit would end it."""
    assert getattr(lists, name).search(text) is None


@pytest.mark.parametrize("name", PLAIN)
@given(text=st.lists(PIECES, max_size=14).map("".join))
def test_texts_are_parted_as_by_the_plain_form(name, text):
    assert getattr(lists, name).split(text) == PLAIN[name].split(text)
