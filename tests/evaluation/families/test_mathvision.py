"""MathVision: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

import pytest

from tests.evaluation.families.scored import score


@pytest.mark.parametrize(("reply", "hit"), [("2\\sqrt{3}", 1.0), ("\\sqrt{12}", 1.0), ("3\\sqrt{2}", 0.0)])
def test_mathvision_compares_expressions(reply, hit):
    assert score("mathvision", f"<answer>{reply}</answer>", answer="2\\sqrt{3}").score == hit


def test_mathvision_options():
    extra = {"choices": "['red', 'blue']"}
    assert score("mathvision", "<answer>red</answer>", extra=extra, answer="A").score == 1.0
    assert score("mathvision", "<answer>60</answer>", extra={"choices": "[]"}, answer="60").score == 1.0
