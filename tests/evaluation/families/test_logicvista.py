"""LogicVista: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

import pytest

from tests.evaluation.families.scored import score


@pytest.mark.parametrize(
    ("reply", "gold", "hit"),
    [
        ("A, C", "A, C", 1.0),
        ("C and A", "A, C", 1.0),
        ("AC", "A, C", 1.0),
        ("A", "A, C", 0.0),
        ("A, C", "C", 0.0),
        ("C", "C", 1.0),
    ],
)
def test_logicvista_compares_sets_of_letters(reply, gold, hit):
    assert score("logicvista", f"<answer>{reply}</answer>", answer=gold).score == hit
