"""Dual answering: agreement by rule or judge, failed pairs, option letters as models write them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.synthesis.scripted import FAIL, Script
from tests.synthesis.stage_rows import only, question
from wethink_assets.synthesis import answer
from wethink_assets.synthesis.answer import choice_letter


def test_dual_answers_compare_by_rule_and_descriptions_by_the_judge():
    rows = [question(0, "MC"), question(1), question(2), question(3, "DES"), question(4, "DES")]
    reasoner = {"q0": "B", "q1": "14 cm", "q2": "red", "q3": "A red ball.", "q4": "A red ball."}
    vlm = {"q0": "blue", "q1": "0.14 m", "q2": "blue", "q3": "The ball is red.", "q4": "A blue ball."}
    ask = Script(
        answer_from_description=lambda r: {"reasoning": "I think.", "answer": reasoner[r.subject_id]},
        answer_from_image=lambda r: {"reasoning": "I see.", "answer": vlm[r.subject_id]},
        judge=lambda r: {"score": 0.25 if "blue" in r.text else 0.75, "reason": ""},
    )
    result = answer.run(rows, ask, batch="b")
    result.check()
    agreement = {a["question_id"]: a["agreement"] for a in result.rows["answers"]}
    assert agreement == {"q0": "agree", "q1": "agree", "q2": "disagree", "q3": "agree", "q4": "disagree"}
    assert [a["answer"] for a in result.rows["answers"][:2]] == ["B", "B"]
    assert result.details == {"pairs_agree": 3, "pairs_disagree": 2, "pairs_undecided": 0}
    assert len(ask.batches) == 2, "both answers of all questions go out together"
    texts = [r for r in ask.batches[0] if r.prompt == "answer_from_description"]
    assert all(not r.image_ids and "Fine scene" in r.text for r in texts)
    assert all("Fine scene" not in r.text for r in ask.batches[0] if r.prompt == "answer_from_image")


def test_a_question_with_one_failed_answer_fails():
    ask = Script(
        answer_from_description={"reasoning": "r", "answer": "red"},
        answer_from_image=only("q1")({"reasoning": "r", "answer": "red"}),
    )
    result = answer.run([question(0), question(1)], ask, batch="b")
    result.check()
    assert [s.subject_id for s in result.failed] == ["q1"] and len(result.rows["answers"]) == 2


def test_a_judge_without_a_tier_leaves_the_pair_undecided():
    ask = Script(
        answer_from_description={"reasoning": "r", "answer": "A red ball lies there."},
        answer_from_image={"reasoning": "r", "answer": "There lies a ball."},
        judge=FAIL,
    )
    assert answer.run([question(0, "DES")], ask, batch="b").rows["answers"][0]["agreement"] == "undecided"


@given(st.text(max_size=40), st.lists(st.text(max_size=10), max_size=6))
def test_a_choice_is_one_of_the_options_or_nothing(answer, options):
    letter = choice_letter(answer, options)
    assert letter is None or ord(letter) - 65 < len(options)


def test_choices_as_models_write_them():
    options = ["red", "blue", "green"]
    for text in ("B", "(B)", "B.", "B. blue", "B) blue", "blue", "Blue.", " b lue".replace(" ", "")):
        assert choice_letter(text, options) == "B", text
    for text in ("D", "purple", "A or B", "", "Because it is blue"):
        assert choice_letter(text, options) is None, text
    assert choice_letter("△", ["○", "△"]) == "B"
