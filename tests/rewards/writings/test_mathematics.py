"""Replies in other writings, by kind: intervals and formulas."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "intervals by other signs": [
        (
            "Where does the curve lie below the x-axis?",
            "(-2, 2)",
            (),
            ("|x| < 2", r"\left|x\right|<2"),
            ("|x| > 2", "|x| < 4", "|x| ≤ 2"),
        ),
        (
            "What is the domain of f(x) = 1/x as drawn?",
            "(-\\infty, 0) \\cup (0, \\infty)",
            (),
            ("x ≠ 0", "all real numbers except 0", "\\mathbb{R}\\setminus\\{0\\}"),
            ("x ≠ 1", "all real numbers", "x = 0", "all real numbers except 0 and 1"),
        ),
        (
            "Which solution set is drawn on the number line?",
            "[5, \\infty)",
            (),
            ("5 or greater", "at least 5", "5 and above"),
            ("5 or less", "greater than 5", "4 or greater"),
        ),
        (
            "What is the range of the function drawn?",
            "(0, \\infty)",
            (),
            ("all positive real numbers", "positive reals", "正实数"),
            ("all negative real numbers", "all non-negative real numbers", "all real numbers"),
        ),
        ("What values can the angle θ take?", "[0, 2π)", (), ("0 ≤ θ < 2π",), ("0 < θ < 2π", "0 ≤ θ ≤ 2π")),
        (
            "In which pH range does the enzyme work best?",
            "6.5 to 7.5",
            (),
            ("6,5 bis 7,5", "de 6,5 a 7,5"),
            ("6,5 bis 7,6", "5,6 bis 7,5"),
        ),
        (
            "Between which values must x lie?",
            "(0, 6)",
            (),
            ("0 < x < 6", "x is greater than 0 and less than 6"),
            ("0 < x < 3", "x is less than 0 and greater than 6"),
        ),
    ],
    "names asked for": [
        ("Find the length of AB.", "5\\sqrt{2}", (), ("AB = 5√2", "BA = 5√2", "5√2"), ("AC = 5√2", "AB = 5√3")),
        ("What is f'(x)?", "2x + 3", (), ("f'(x) = 2x + 3", "y' = 2x + 3", "2x + 3"), ("f(x) = 2x + 3",)),
        (
            "How many people are in the boat?",
            "4",
            (),
            ("4 people", "four", "There are 4 people in the boat."),
            ("4 boats", "There are 4 boats with two people each."),
        ),
    ],
    "formulas elsewhere": [
        (
            "Write the balanced equation of the reaction.",
            "2H_2+O_2\\to 2H_2O",
            (),
            (
                "2 H2 + O2 → 2 H2O",
                "$2\\mathrm{H}_2 + \\mathrm{O}_2 \\rightarrow 2\\mathrm{H}_2\\mathrm{O}$",
                "O₂ + 2H₂ → 2H₂O",
                "2H2(g) + O2(g) -> 2H2O(l)",
            ),
            ("H2 + O2 → H2O", "2H2O → 2H2 + O2", "2 H2 + O2 → 2 H2O2", "2 H + O2 → 2 H2O"),
        ),
        (
            "Give a formula for the number of dots in the n-th figure.",
            "n^2+n",
            (),
            ("第n个图形有n(n+1)个点",),
            ("第n个图形有n(n-1)个点", "第n个图形没有n(n+1)个点"),
        ),
        ("Which complex number is marked?", "4-2i", (), ("4 + (-2)i",), ("4 - (-2)i", "4 + 2i")),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
