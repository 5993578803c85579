"""Adjudication: only disagreements are asked about, in an order that favours neither answer."""

from __future__ import annotations

from tests.synthesis.scripted import FAIL, Script
from tests.synthesis.stage_rows import pair
from wethink_assets.synthesis import adjudicate


def test_only_disagreements_are_adjudicated_and_place_gives_no_model_away():
    rows = [pair(0, "agree"), *(pair(n, "disagree" if n % 2 else "undecided") for n in range(1, 40))]
    ask = Script(adjudicate=lambda r: {"reason": "", "choice": "first"})
    result = adjudicate.run(rows, ask, batch="b")
    result.check()
    assert ask.asked("adjudicate") == 39 and all(r.image_ids for r in ask.batches[0])
    kept = {c["question_id"]: c for c in result.rows["chosen_answers"]}
    assert kept["q0"]["answer_id"] == "a0r" and kept["q0"]["chosen_by"] == "agreement" and kept["q0"]["call_id"] is None
    assert {c["answer_id"][-1] for c in kept.values()} == {"r", "v"}, "the first place is drawn per question"
    for row, request in zip(rows[1:], ask.batches[0], strict=True):
        first = "red" if kept[row["question_id"]]["answer_id"].endswith("r") else "blue"
        assert f"<first_answer>\n{first}\n</first_answer>" in request.text


def test_neither_drops_and_failure_fails():
    choices = {"q0": {"reason": "both wrong", "choice": "neither"}, "q1": FAIL, "q2": {"reason": "", "choice": "maybe"}}
    ask = Script(adjudicate=lambda r: choices[r.subject_id])
    result = adjudicate.run([pair(n, "disagree") for n in range(3)], ask, batch="b")
    result.check()
    assert [(s.subject_id, s.reason) for s in result.dropped] == [("q0", "no_right_answer")]
    assert [s.reason for s in result.failed] == ["refusal", "invalid_reply"]
