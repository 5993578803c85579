"""The record and its guards: the known defects of the released data set cannot be packaged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.dataset.record import Packaged, Refusal, package
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify

GOOD = {
    "question": "What colour is the ball?",
    "options": [],
    "category": "FIB",
    "abilities": ["reasoning", "recognition"],
    "answer": "red",
    "refined_cot": "The ball in the middle is red.",
    "image_path": "coco/train2017/000000000009.jpg",
}


def packaged(**changes) -> Packaged:
    record = package(**(GOOD | changes))
    assert isinstance(record, Packaged), record
    return record


def refused(**changes) -> str:
    record = package(**(GOOD | changes))
    assert isinstance(record, Refusal), record
    assert record.detail
    return record.reason


def test_a_blank_is_scored_by_rule():
    row = packaged()
    assert (row.problem, row.answer, row.reward, row.answer_type) == ("What colour is the ball?", "red", "rule", "text")
    assert set(row.columns()) == {
        "problem",
        "answer",
        "answer_typed",
        "answer_type",
        "category",
        "abilities",
        "refined_cot",
        "image_path",
        "reward",
    }


def test_a_description_is_scored_by_a_model():
    assert packaged(category="DES", answer="A red ball lies on the grass.").reward == "model"


def test_options_are_lettered_and_an_option_text_becomes_its_letter():
    row = packaged(category="MC", options=["blue", "red"], answer="red")
    assert row.problem == "What colour is the ball?\nA. blue\nB. red"
    assert row.answer == "B" and row.reward == "rule"


def test_letters_that_the_options_carry_are_not_doubled():
    assert packaged(category="MC", options=["A. blue", "B. red"], answer="(B)").problem.endswith("\nA. blue\nB. red")


def test_outer_tags_are_taken_off():
    assert packaged(refined_cot="<think>It is red.</think>").refined_cot == "It is red."
    assert packaged(refined_cot="<think>It is red.</think>\n<answer>red</answer>").refined_cot == "It is red."
    assert packaged(answer="<answer>red</answer>").answer == "red"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"refined_cot": "It is <think> red."}, "tag_in_text"),
        ({"refined_cot": "It is red. </answer>"}, "tag_in_text"),
        ({"question": "What is in < think >?"}, "tag_in_text"),
        ({"question": "<image>\nWhat is it?"}, "placeholder_in_text"),
        ({"refined_cot": "In the <Video> it is red."}, "placeholder_in_text"),
        ({"answer": "<audio>"}, "placeholder_in_text"),
        ({"refined_cot": "<|image_pad|> red"}, "placeholder_in_text"),
        ({"refined_cot": "  \u200b\n "}, "empty_text"),
        ({"refined_cot": "<think> </think>"}, "empty_text"),
        ({"question": "???"}, "empty_text"),
        ({"answer": "\u200b"}, "empty_text"),
        ({"category": "MC", "options": ["red", "blue"], "answer": "C"}, "answer_not_an_option"),
        ({"category": "MC", "options": ["red", "blue"], "answer": "green"}, "answer_not_an_option"),
        ({"category": "MC", "options": ["red"], "answer": "A"}, "bad_options"),
        ({"category": "MC", "options": ["red", "Red."], "answer": "A"}, "bad_options"),
        ({"category": "XYZ"}, "unknown_category"),
        ({"image_path": "../secret.jpg"}, "bad_image_path"),
        ({"image_path": "/etc/passwd"}, "bad_image_path"),
        ({"image_path": "coco/../../x.jpg"}, "bad_image_path"),
        ({"image_path": ""}, "bad_image_path"),
        ({"answer": "red " * 2000}, "answer_too_long"),
        ({"answer": "red or blue or green, I am not sure"}, None),
    ],
)
def test_guards(changes, reason):
    if reason is None:
        record = package(**(GOOD | changes))
        assert isinstance(record, Refusal) or verify(record.typed, record.answer, extracted=True) is Verdict.CORRECT
    else:
        assert refused(**changes) == reason


@settings(deadline=None)
@given(
    st.text(max_size=30),
    st.text(max_size=30),
    st.text(max_size=30),
    st.sampled_from(["MC", "FIB", "DES"]),
    st.lists(st.text(max_size=8), max_size=5),
)
def test_whatever_is_packaged_can_be_scored(question, answer, cot, category, options):
    record = package(
        **(
            GOOD
            | {"question": question, "answer": answer, "refined_cot": cot, "category": category, "options": options}
        )
    )
    if isinstance(record, Packaged) and record.reward == "rule":
        assert verify(TypedAnswer.from_json(record.answer_typed), record.answer, extracted=True) is Verdict.CORRECT
