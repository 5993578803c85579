"""MathVerse: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

from tests.evaluation.families.scored import score
from tests.evaluation.judged import Judge


def test_mathverse_asks_whether_texts_mean_the_same_but_not_about_other_numbers_or_letters():
    question = "How long?\nChoices:\nA:40°\nB:60°\nC:120°"
    judge = Judge(same_answer={"correct": True})
    assert score("mathverse", "<answer>B</answer>", judge, question=question, answer="C").score == 0.0
    assert score("mathverse", "<answer>6</answer>", judge, answer="5").score == 0.0
    assert not judge.asked
    scored = score(
        "mathverse", "<answer>same side as D</answer>", judge, answer="left", extra={"question_for_eval": "Where?"}
    )
    assert (scored.score, scored.method) == (1.0, "judge")
    assert "Where?" in judge.asked[0].text
    wrong = score("mathverse", "<answer>right</answer>", Judge(same_answer={"correct": False}), answer="left")
    assert wrong.score == 0.0
    assert (
        score("mathverse", "<answer>right</answer>", Judge(same_answer={"correct": "yes"}), answer="left").score is None
    )
