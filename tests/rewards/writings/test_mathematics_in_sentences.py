"""Replies in other writings, by kind: intervals and formulas that a sentence gives."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "intervals in sentences": [
        (
            "What is the domain of the function?",
            "(2, 5]",
            (),
            ("The solution is the interval (2, 5].", "(2, 5]", "$(2, 5]$", "2 < x ≤ 5", "$2 < x \\le 5$"),
            ("[2, 5]", "(2, 5)", "[2, 5)", "2 ≤ x ≤ 5", "x > 2", "(2, 6]", "The range is (2, 5]."),
        ),
        (
            "Where is the function f defined?",
            "(-3, 0) \\cup (0, 3)",
            (),
            (
                "The function is defined on $(-3, 0) \\cup (0, 3)$.",
                "(-3, 0) ∪ (0, 3)",
                "$(-3,0)\\cup(0,3)$",
                "(-3, 0) and (0, 3)",
                "on (-3, 0) ∪ (0, 3)",
            ),
            (
                "(-3, 3)",
                "(-3, 0)",
                "[-3, 0) ∪ (0, 3]",
                "The function is defined on (-3, 3).",
                "(-3, 0) ∩ (0, 3)",
                "(-3, 0) ∪ (0, 4)",
            ),
        ),
        (
            "On which interval is the function increasing?",
            "(1, +\\infty)",
            (),
            ("(1, ∞)", "x > 1", "The function is increasing on (1, ∞).", "for x > 1", "It increases for x > 1"),
            (
                "(-∞, 1)",
                "x < 1",
                "[1, ∞)",
                "The function is decreasing on (1, ∞).",
                "(0, ∞)",
                "x > 0",
                "当x<1时函数单调递增",
            ),
        ),
    ],
    "formulas in sentences": [
        (
            "How many dots are in the n-th figure?",
            "n(n+1)/2",
            (),
            (
                "The n-th figure has n(n+1)/2 dots.",
                "n(n+1)/2",
                "$\\frac{n(n+1)}{2}$ dots",
                "There are $\\frac{n(n+1)}{2}$ dots in the n-th figure.",
                "The nth figure contains n(n + 1)/2 dots.",
            ),
            (
                "n(n-1)/2",
                "The n-th figure has n(n-1)/2 dots.",
                "n(n+1)",
                "The n-th figure has (n+1)/2 dots.",
                "The n-th figure has n(n+1) dots.",
                "The n-th figure does not have n(n+1)/2 dots.",
                "The n-th figure has more than n(n+1)/2 dots.",
            ),
        ),
        (
            "Find the equivalent spring constant of the two springs in series.",
            "\\frac{k_1 k_2}{k_1+k_2}",
            (),
            ("k1*k2/(k1+k2)", "k_1k_2/(k_1+k_2)", "$k = \\frac{k_1k_2}{k_1+k_2}$", "(k1 k2)/(k1 + k2)", "k1k2/(k1+k2)"),
            ("k1+k2", "(k1+k2)/(k1*k2)", "k1*k2/(k1-k2)", "k1*k2", "k1/(k1+k2)", "k_1^2/(k_1+k_2)", "k2*k2/(k1+k2)"),
        ),
        (
            "Express the shaded area in terms of a and b.",
            "a^2 + 2ab",
            (),
            ("a² + 2ab", "a(a+2b)", "2ab + a^2", "S = a^2 + 2ab", "$a^2+2ab$"),
            ("a^2 + ab", "a^2 - 2ab", "a^2 + 2b", "2a^2b"),
        ),
    ],
    "formulas as they are read": [
        (
            "Which formula is written on the blackboard?",
            "E = mc^2",
            (),
            ("$E=mc^2$", "E = mc²", "E=mc^2", "The formula is $E = mc^{2}$.", "mc^2 = E"),
            ("E = mc", "E = mc^3", "E = m^2c", "E = ma", "F = mc^2", "e = hc^2", "E ≠ mc^2"),
        ),
        (
            "Which equation is printed on the poster?",
            "F = ma",
            (),
            ("$F = ma$", "F=ma", "F = m a", "ma = F", "F = m·a"),
            ("F = mv", "F = m/a", "a = F", "F = mb", "f = na"),
        ),
        (
            "What is the electron configuration of the atom?",
            "1s2 2s2 2p4",
            (),
            ("1s² 2s² 2p⁴", "1s^2 2s^2 2p^4", "1s2 2s2 2p4", "1s²2s²2p⁴", "$1s^2 2s^2 2p^4$"),
            ("1s2 2s2 2p5", "1s2 2s2 2p3", "1s2 2p4", "1s4 2s2 2p4", "1s2 2p2 2s4", "2s2 1s2 2p4", "1s^2 2s^2 2p^3"),
        ),
        (
            "What is the molecular formula?",
            "C6H12O6",
            (),
            ("C6H12O6", "C₆H₁₂O₆", "$C_6H_{12}O_6$", "\\ce{C6H12O6}", "The molecular formula is C6H12O6."),
            ("C6H12O5", "C12H6O6", "CH2O", "C6H6O12", "C6H12O", "C12H22O11", "c6h12o6 is wrong"),
        ),
    ],
    "all real numbers": [
        (
            "What is the range of the parabola?",
            "y \\geq -4",
            (),
            ("y ≥ -4", "[-4, ∞)", "$[-4, \\infty)$", "y >= -4", "The range is y ≥ -4."),
            ("y > -4", "y ≤ -4", "x ≥ -4", "[4, ∞)", "(-4, ∞)"),
        ),
        (
            "What is the domain of f?",
            "all real numbers",
            (),
            ("ℝ", "all real numbers", "(-∞, ∞)", "$\\mathbb{R}$", "All reals"),
            ("x > 0", "all positive real numbers", "all real numbers except 0", "[0, ∞)", "all integers"),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
