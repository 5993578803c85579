"""Chain-of-thought rewriting: guards on the path, what the rewriter sees."""

from __future__ import annotations

import pytest

from tests.synthesis.scripted import Script
from tests.synthesis.stage_rows import question
from wethink_assets.synthesis import refine_path


@pytest.mark.parametrize(
    ("path", "category", "reason"),
    [
        ("The ball is red.", "FIB", None),
        ("The ball is red. The answer is red.", "FIB", None),
        ("The ball is red. The answer is blue.", "FIB", "path_contradicts_answer"),
        ("<think>The ball is red.</think>", "FIB", "markers_in_path"),
        ("See <image>: red", "FIB", "markers_in_path"),
        ("  ", "FIB", "empty_path"),
        ("…", "FIB", "empty_path"),
        ("red " * 5000, "FIB", "path_too_long"),
        ("So the answer is B. blue", "MC", "path_contradicts_answer"),
        ("So the answer is A.", "MC", None),
        ("The answer is anything at all.", "DES", None),
    ],
)
def test_path_guards(path, category, reason):
    row = question(0, category, answer_id="a0", answer="A" if category == "MC" else "red", chain="raw")
    result = refine_path.run([row], Script(refine_path={"refined_cot": path, "consistent": True}), batch="b")
    result.check()
    assert [s.reason for s in result.dropped] == ([reason] if reason else [])


def test_a_rewriter_may_say_that_no_path_leads_there():
    row = question(0, answer_id="a0", answer="red", chain="raw")
    result = refine_path.run([row], Script(refine_path={"refined_cot": "x", "consistent": False}), batch="b")
    assert result.dropped[0].reason == "no_consistent_path"


def test_the_rewriter_sees_the_option_behind_a_letter():
    row = question(0, "MC", answer_id="a0", answer="B", chain="raw chain")
    ask = Script(refine_path={"refined_cot": "It is blue.", "consistent": True})
    refine_path.run([row], ask, batch="b")
    assert "<final_answer>\nB. blue\n</final_answer>" in ask.batches[0][0].text and ask.batches[0][0].image_ids
