"""Lines of foreign files: whatever the bytes, a row or a reason; no line is lost, none is split where none ends."""

from __future__ import annotations

import hashlib
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imports.published import GOOD, LINES
from wethink_assets.dataset.export_files import FIELDS
from wethink_assets.dataset.record import Refusal
from wethink_assets.imports import lines as module
from wethink_assets.imports.lines import Line, Lines, fields_of
from wethink_assets.imports.mend import Mended, mended

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.binary(max_size=60), max_size=12))
@settings(deadline=None)
def test_only_a_line_feed_ends_a_line(parts):
    data = b"\n".join(parts)
    lines = Lines(io.BytesIO(data))
    read = list(lines)
    whole = data.split(b"\n")
    expected = whole[:-1] if not whole[-1] else whole
    assert [line.number for line in read] == list(range(1, len(expected) + 1))
    assert [line.data for line in read[1:]] == expected[1:]
    assert lines.sha256 == hashlib.sha256(data).hexdigest() and lines.bytes == len(data)
    for line in read:
        assert isinstance(fields_of(line), (dict, Refusal))


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES | st.text(max_size=40)), st.sampled_from(FIELDS), VALUES)
@settings(deadline=None)
def test_fields_of_any_kind_give_a_row_or_a_reason(some, name, value):
    for record in (some, {**GOOD, name: value}):
        fields = fields_of(Line(1, json.dumps(record).encode()))
        if not isinstance(fields, Refusal):
            assert isinstance(mended(fields), (Mended, Refusal))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        *((data, reason) for (_, reason), data in LINES.items()),
        (b'{"a": NaN}', "no_json"),
        (b"[" * 100_000, "no_json"),
        (b'{"answer": ' + b"9" * 50_000 + b"}", "missing_field"),
        (b'{"problem": "a", "problem": "b"}', "no_json"),
        (b"\xef\xbb\xbf{}", "no_json"),
    ],
)
def test_broken_lines_have_their_reasons(data, reason):
    fields = fields_of(Line(2, data))
    assert isinstance(fields, Refusal) and fields.reason == reason


def test_numbers_keep_their_digits_and_a_mark_at_the_beginning_is_no_text():
    text = json.dumps({**GOOD, "answer": 0}).replace('"answer": 0', '"answer": 0.10')
    (line,) = Lines(io.BytesIO(b"\xef\xbb\xbf" + text.encode()))
    fields = fields_of(line)
    assert isinstance(fields, dict) and fields["answer"] == "0.10"


def test_a_line_that_is_too_long_is_one_line(monkeypatch):
    monkeypatch.setattr(module, "MAX_LINE", 10)
    monkeypatch.setattr(module, "_PIECE", 4)
    read = list(Lines(io.BytesIO(b"0123456789\n" + b"x" * 57 + b"\nshort\n" + b"y" * 11)))
    assert read == [Line(1, b"0123456789"), Line(2, None), Line(3, b"short"), Line(4, None)]
    refusal = fields_of(read[1])
    assert isinstance(refusal, Refusal) and refusal.reason == "line_too_long"
