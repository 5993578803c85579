"""Replies of models for tests of stages: well-formed proposals, and any JSON whatever."""

from __future__ import annotations

from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=12,
)
PROPOSAL = st.fixed_dictionaries(
    {},
    optional={
        "question": JSON | st.just("What is it?"),
        "category": JSON | st.sampled_from(["MC", "FIB", "DES", "mc"]),
        "options": JSON | st.lists(st.text(max_size=8), max_size=8),
        "abilities": JSON | st.lists(st.sampled_from(["reasoning", "OCR", "math", "x"]), max_size=4),
    },
)


def proposal(text="What is it?", category="FIB", options=(), abilities=("reasoning", "ocr")):
    return {"question": text, "category": category, "options": list(options), "abilities": list(abilities)}
