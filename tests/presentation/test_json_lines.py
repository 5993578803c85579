"""JSON Lines that every reader splits alike."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.presentation.json_lines import json_line, storable

ANY = st.text(st.characters(categories=None), max_size=40)


@given(st.dictionaries(ANY, ANY | st.lists(ANY, max_size=3), max_size=4))
def test_a_record_is_one_line_for_whoever_splits_lines(record):
    line = json_line(record)
    assert line.splitlines() == [line[:-1]] and json.loads(line) == record


@given(ANY)
def test_storable_text_is_utf8_and_changes_only_half_pairs(text):
    stored = storable(text)
    stored.encode()
    try:
        text.encode()
    except UnicodeEncodeError:
        assert "\ufffd" in stored or any(ord(c) > 0xFFFF for c in stored)
    else:
        assert stored == text
