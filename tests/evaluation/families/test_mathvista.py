"""MathVista: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

from tests.evaluation.families.scored import score
from tests.evaluation.judged import Judge


def test_mathvista_choice_integer_float_text():
    extra = {"question_type": "multi_choice", "choices": "['half', 'quarter', \"o'clock\"]", "answer_option": "B"}
    assert score("mathvista", "<answer>B</answer>", extra=extra, answer="quarter").score == 1.0
    assert (
        score("mathvista", "<answer>quarter</answer>", extra={**extra, "answer_option": ""}, answer="quarter").score
        == 1.0
    )
    free = {"question_type": "free_form", "answer_type": "integer"}
    assert score("mathvista", "<answer>13</answer>", extra=free, answer="13").score == 1.0
    assert score("mathvista", "<answer>14</answer>", extra=free, answer="13").score == 0.0
    judge = Judge(extracted_answer={"answer": "13"})
    scored = score(
        "mathvista",
        "Adding up both bars one gets thirteen altogether, thus 6 + 7 items.",
        judge,
        extra=free,
        answer="13",
    )
    assert (scored.extracted, scored.score, scored.method) == ("13", 1.0, "judge")
    assert (
        score("mathvista", "well", Judge(extracted_answer={"answer": ""}), extra=free, answer="13").verdict
        == "unparseable"
    )
    assert score("mathvista", "well", Judge(extracted_answer=None), extra=free, answer="13").score is None
