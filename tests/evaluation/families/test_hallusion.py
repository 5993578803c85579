"""HallusionBench: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

import pytest

from tests.evaluation.families.scored import score, values
from tests.evaluation.judged import Judge


def test_hallusionbench_wants_yes_or_no():
    assert score("hallusion", "<answer>Yes</answer>", answer="Yes").score == 1.0
    assert score("hallusion", "No, it is not.", answer="No").score == 1.0
    assert score("hallusion", "<answer>No</answer>", answer="1").score == 0.0
    judge = Judge(option_choice={"letter": "A"})
    assert score("hallusion", "Both are shown as equally long.", judge, answer="Yes").score == 1.0
    assert (
        score("hallusion", "Cannot be seen.", Judge(option_choice={"letter": "Z"}), answer="Yes").verdict
        == "unparseable"
    )
    assert score("hallusion", "Yes", answer="perhaps").verdict == "error"


def test_hallusionbench_is_the_mean_of_three():
    rows = [
        ("VD_figure_0_1_0_0", 1.0, {}),
        ("VD_figure_0_1_0_1", 0.0, {}),  # figure 0 of set 1
        ("VD_figure_0_1_1_0", 1.0, {}),
        ("VD_figure_0_1_1_1", 1.0, {}),  # figure 1 of set 1
        ("VS_chart_0_1_0_0", 1.0, {}),  # another kind with the same numbers
    ]
    metrics = values("HallusionBench", rows)
    assert metrics["aAcc"] == pytest.approx(4 / 5)
    assert metrics["fAcc"] == pytest.approx(2 / 3)
    assert metrics["qAcc"] == pytest.approx(2 / 3)
    assert metrics["strict_mean_of_aAcc_fAcc_qAcc"] == pytest.approx((4 / 5 + 2 / 3 + 2 / 3) / 3)
