"""OCRBench: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

from tests.evaluation.families.scored import score


def test_ocrbench_finds_any_gold_as_a_whole():
    golds = "['CENTRE', 'CENTER']"
    assert score("ocrbench", "The sign reads Centre.", answer=golds).score == 1.0
    assert score("ocrbench", "centres", answer=golds).score == 0.0
    assert score("ocrbench", "3,123 grams", answer="['12']").score == 0.0
    assert score("ocrbench", "写着中心的牌子", answer="中心").score == 1.0
    formula = {"category": "Handwritten Mathematical Expression Recognition"}
    assert score("ocrbench", "$x ^ { 2 } + 1$", answer="['x^{2} + 1']", **formula).score == 1.0
