"""Which texts VLMEvalKit takes for the same number, and what is never evaluated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.evaluation.scorers.vlmevalkit.numbers import equal


@pytest.mark.parametrize(
    ("said", "gold", "same"),
    [
        ("0.5", r"\frac{1}{2}", True),
        ("1000", "1,000", True),
        ("2.50", "5/2", True),
        (r"1\frac{1}{2}", "1.5", True),
        ("50%", "0.5", True),
        (r"90^\circ", "90", True),
        (r"\boxed{5}", "5", True),
        ("1", "2^3", True),  # Python's exclusive or
        (r"\sqrt{4}", "2", False),
        (r"2\pi", "6.283185307", False),
        ("x = 5", "5", False),
        ("5 cm", "5", False),
        ("a", "7", True),  # the name of its own value
    ],
)
def test_the_same_number(said, gold, same):
    assert equal(said, gold) is same


@pytest.mark.parametrize("text", ["9**9**9**9", "9^{9^{9^9}}", "2**100000000", "(" * 300 + "1" + ")" * 300, "__import__('os').system('true')", "1" * 390])
def test_hostile_texts_end_at_once_and_run_nothing(text):
    assert equal(text, "5") is False


@given(st.text(alphabet="0123456789+-*/^(){}\\frac.,%: ", max_size=40), st.integers(-50, 50))
def test_any_text_has_a_verdict(text, gold):
    assert equal(text, str(gold)) in (True, False)
