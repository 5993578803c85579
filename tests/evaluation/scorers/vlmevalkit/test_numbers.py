"""Which texts VLMEvalKit takes for the same number, and what is never evaluated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.evaluation.scorers.vlmevalkit.numbers import equal


@pytest.mark.parametrize(
    ("answer", "gold", "same"),
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
        ("A", "2**3", True),
        ("A", r"50\%", False),
        ("AB", "0", True),  # both names: their product is zero where the gold is
        ("A B", "7", False),
        ("0.5 or 0.25", "0.5", True),  # Python's or gives the first that is not zero
        ("2 and 5", "5", True),
        ("3 < 5", "1", True),
        (r"<think>It is 6.</think><answer>\boxed{-7}</answer>", "-7", True),
        (r"\boxed{5} or \boxed{6}", "5", False),
        (r"The answer is \boxed{\frac{1}{2}}" + "x" * 500, "0.5", True),
        (r"\boxed{B}", "b", True),
        ("5 5", "10", True),
        ("7'", "7", True),
        (r"\text{7}", "7", True),
    ],
)
def test_the_same_number(answer, gold, same):
    assert equal(answer, gold) is same


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "9^{9^{9^9}}",
        "2**100000000",
        "(" * 300 + "1" + ")" * 300,
        "__import__('os').system('true')",
        "1" * 390,
    ],
)
def test_hostile_texts_end_at_once_and_run_nothing(text):
    assert equal(text, "5") is False


@given(st.text(alphabet="0123456789+-*/^(){}\\frac.,%: ", max_size=40), st.integers(-50, 50))
def test_any_text_has_a_verdict(text, gold):
    assert equal(text, str(gold)) in (True, False)


def test_boxes_in_boxes_are_no_number_and_cost_little():
    assert equal("\\boxed{\\boxed{3}}", "3")
    assert not equal("\\boxed{" * 3000 + "3" + "}" * 3000, "3")  # neither an exception nor the square of the length
