"""Sanitised model text: no markers, and stable when sanitised again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.synthesis.stage_calls import tidy


@given(st.text())
def test_kept_text_has_no_markers_and_is_stable(text):
    kept = tidy(text)
    if kept is None:
        return
    assert kept.strip() == kept and "\x00" not in kept and "<think>" not in kept and "<image>" not in kept
    assert tidy(kept) == kept
