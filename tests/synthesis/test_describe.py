"""Image descriptions: failures stay with their row, hints are bounded and leave the source's questions out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.synthesis.replies import JSON
from tests.synthesis.scripted import Script
from tests.synthesis.stage_rows import IMAGES, only
from wethink_assets.synthesis import describe
from wethink_assets.synthesis.describe import MAX_NOTES_CHARS, notes


def test_describe_keeps_the_good_and_names_the_bad():
    ask = Script(describe=only("i1")({"description": " A  red\tball. "}))
    result = describe.run(IMAGES, ask, batch="b")
    result.check()
    assert [r["image_id"] for r in result.rows["descriptions"]] == ["i0", "i2", "i3"]
    assert result.rows["descriptions"][0]["text"] == "A red ball."
    assert [(s.subject_id, s.reason) for s in result.failed] == [("i1", "refusal")]
    assert "describing" in result.failed[0].detail and result.failed[0].related_id


@pytest.mark.parametrize(
    "content", [{"description": ""}, {"description": 7}, {}, [], "text", {"description": "x" * 30_000}]
)
def test_a_reply_of_another_shape_fails_its_row_only(content):
    good = {"description": "fine"}
    ask = Script(describe=lambda r: content if r.subject_id == "i2" else good)
    result = describe.run(IMAGES, ask, batch="b")
    result.check()
    assert (result.continued, [s.subject_id for s in result.failed]) == (3, ["i2"])
    assert result.failed[0].reason == "invalid_reply"


@given(JSON | st.text())
def test_notes_are_bounded_text(context):
    assert isinstance(notes(context if isinstance(context, (str, dict)) else None), str)
    assert len(notes(context if isinstance(context, (str, dict)) else None)) <= MAX_NOTES_CHARS


def test_notes_leave_native_questions_out():
    context = {
        "captions": ["A dog."],
        "objects": [{"name": "dog"}],
        "qa": [{"question": "What barks?", "answers": ["dog"]}],
    }
    assert notes(context) == "Captions: A dog.\nObjects: dog"
    chart = {"table": {"header": ["Year", "Sales"], "rows": [["2001", "7"], "broken"]}, "facts": {"genre": "Baroque"}}
    assert notes(chart) == "Facts: genre Baroque\nData: Year, Sales; 2001, 7"
    assert notes("{}") == notes("not json") == "(none)"
    assert len(notes({"captions": ["word " * 300] * 20})) <= MAX_NOTES_CHARS
