"""Question filtering: the second check is not paid for what the first rejects."""

from __future__ import annotations

from tests.synthesis.scripted import FAIL, Script
from tests.synthesis.stage_rows import question
from wethink_assets.synthesis import filter as question_filter


def test_the_second_filter_is_not_paid_for_what_the_first_rejects():
    rows = [question(n) for n in range(4)]
    ask = Script(
        check_well_posed=lambda r: (
            {"reason": "vague", "well_posed": r.subject_id != "q0"} if r.subject_id != "q3" else FAIL
        ),
        check_answerable=lambda r: {"reason": "hidden", "answerable": r.subject_id != "q1"},
    )
    result = question_filter.run(rows, ask, batch="b")
    result.check()
    assert ask.asked("check_well_posed") == 4 and ask.asked("check_answerable") == 2
    assert [v["question_id"] for v in result.rows["valid_questions"]] == ["q2"]
    assert {(s.subject_id, s.reason) for s in result.dropped} == {("q0", "ill_posed"), ("q1", "not_answerable")}
    assert [(s.subject_id, s.reason) for s in result.failed] == [("q3", "refusal")]
    assert all(not r.image_ids for r in ask.batches[0]) and all(r.image_ids for r in ask.batches[1])
