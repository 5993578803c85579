"""DynaMath: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

import pytest

from tests.evaluation.families.scored import score, values
from tests.evaluation.judged import Judge


def test_dynamath_reads_json_numbers_within_a_thousandth_options_and_no_empty_text():
    number = {"answer_type": "float"}
    json_reply = '```json\n{"solution": "6*2", "short answer": "12.0004"}\n```'
    assert score("dynamath", json_reply, extra=number, answer="12.0").score == 1.0
    assert score("dynamath", "<answer>12.002</answer>", extra=number, answer="12.0").score == 0.0
    choice = {"answer_type": "multiple choice"}
    question = "Is this symmetric? choice: (A) Yes (B) No"
    assert score("dynamath", "<answer>B</answer>", extra=choice, question=question, answer="B").score == 1.0
    assert score("dynamath", "<answer>Yes</answer>", extra=choice, question=question, answer="B").score == 0.0
    text = {"answer_type": "text"}
    judge = Judge(extracted_answer={"answer": ""})
    assert score("dynamath", '{"short answer": ""}', judge, extra=text, answer="13:18").score == 0.0
    assert score("dynamath", "<answer>13:18</answer>", extra=text, answer="13:18").score == 1.0


def test_dynamath_average_and_worst_case():
    rows = [(str(i), 1.0, {"qid": "1"}) for i in range(10)] + [
        (str(10 + i), float(i > 0), {"qid": "2"}) for i in range(10)
    ]
    metrics = values("DynaMath", rows)
    assert metrics["strict_worst_case"] == 0.5
    assert metrics["average"] == pytest.approx(0.95)
