"""Multiple choice: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

import pytest

from tests.evaluation.families.scored import COLOURS, score
from tests.evaluation.judged import Judge
from wethink_assets.evaluation.scoring import HIDDEN


@pytest.mark.parametrize(
    ("reply", "letter", "hit"),
    [
        ("<think>hm</think><answer>B</answer>", "B", 1.0),
        ("<answer>(b)</answer>", "B", 1.0),
        ("<answer>B. blue</answer>", "B", 1.0),
        ("The answer is B.", "B", 1.0),
        ("blue", "B", 1.0),
        ("<answer>dark blue</answer>", "C", 0.0),
        ("<answer>12</answer>", "E", 0.0),  # not D, whose text 2 stands in it
        ("It is not A. It is B.", "B", 1.0),
        ("<think>B</think><answer>A</answer>", "A", 0.0),
    ],
)
def test_an_option_is_inferred_by_rule(reply, letter, hit):
    scored = score("choice", reply, options=COLOURS, answer="B")
    assert (scored.extracted, scored.score, scored.method) == (letter, hit, "rule")


def test_what_no_rule_can_read_goes_to_the_judge():
    judge = Judge(option_choice={"letter": "B"})
    scored = score("choice", "The second one, as the sky is.", judge, options=COLOURS, answer="B")
    assert (scored.score, scored.method, scored.judge_call_id) == (1.0, "judge", "call-S:1")
    assert judge.asked[0].schema["properties"]["letter"]["enum"] == ["A", "B", "C", "D", "E", "Z"]
    assert "B. blue" in judge.asked[0].text


def test_a_judge_that_finds_no_option_makes_it_unparseable_and_one_that_fails_an_error():
    reply = "Hard to say which of these."
    none = score("choice", reply, Judge(option_choice={"letter": "Z"}), options=COLOURS, answer="B")
    assert (none.verdict, none.score) == ("unparseable", 0.0)
    for broken in (None, {"letter": "Q"}, {"nothing": 1}):
        failed = score("choice", reply, Judge(option_choice=broken), options=COLOURS, answer="B")
        assert (failed.verdict, failed.score) == ("error", None)
    rule_only = score("choice", reply, None, options=COLOURS, answer="B")
    assert (rule_only.verdict, rule_only.score, rule_only.method) == ("unparseable", 0.0, "none")


def test_no_reply_hidden_gold_and_unknown_gold_letter_have_no_score():
    assert score("choice", None, options=COLOURS, answer="B").score is None
    hidden = score("mmbench", "<answer>C</answer>", options=COLOURS)
    assert (hidden.extracted, hidden.verdict, hidden.score) == ("C", HIDDEN, None)
    assert score("choice", "B", options=COLOURS, answer="K").verdict == "error"


@pytest.mark.parametrize(
    "reply", ["<think>B or C, let me", "", "<answer>A</answer><answer>B</answer>", "<answer></answer>"]
)
def test_cut_off_empty_and_conflicting_replies_are_no_hit_and_cost_no_judge(reply):
    judge = Judge()
    assert score("choice", reply, judge, options=COLOURS, answer="B").score == 0.0
    assert not judge.asked
