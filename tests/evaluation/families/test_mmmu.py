"""MMMU: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

from tests.evaluation.families.scored import score
from tests.evaluation.judged import Judge


def test_mmmu_open_questions_become_the_answer_or_any_other():
    assert score("mmmu", "<answer>8/11</answer>", options=(), answer="8/11").score == 1.0
    judge = Judge(option_choice={"letter": "B"})
    scored = score("mmmu", "<answer>something else entirely</answer>", judge, options=(), answer="8/11")
    assert scored.score == 0.0
    assert "B. Other Answers" in judge.asked[0].text
