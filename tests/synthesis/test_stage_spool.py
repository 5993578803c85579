"""The sum of a stage's windows: counts add up, what does not is refused, nothing stopped is lost."""

from __future__ import annotations

import pytest

from wethink_assets.accounting import ConservationError, StageResult, Stopped
from wethink_assets.stage_spool import StageSpool
from wethink_assets.stage_writes import stage_writes


@pytest.fixture
def spool(tmp_path):
    return StageSpool("valid_questions", "b", "run", ("valid_questions",), tmp_path)


def window(first: int, *, failed: int = 0, **details) -> StageResult:
    kept = [
        {
            "question_id": f"q{first + n}",
            "image_id": "i",
            "batch": "b",
            "well_posed_call_id": "c",
            "answerable_call_id": "d",
        }
        for n in range(2)
    ]
    dropped = [Stopped(f"q{first + 2}", "ill_posed")]
    failures = [Stopped(f"q{first + 3 + n}", "timeout", f"first of {first}") for n in range(failed)]
    return StageResult(3 + failed, 2, {"valid_questions": kept}, dropped, failures, details)


def test_windows_add_up_to_what_one_window_would_say(spool):
    spool.add(window(0, saved=2))
    spool.add(window(10, failed=2, saved=3))
    assert (spool.rows_in, spool.continued, spool.rows_dropped, spool.rows_failed) == (8, 4, 2, 2)
    assert spool.reasons() == {"ill_posed": 2, "timeout": 2} and spool.details == {"saved": 5}
    assert spool.first_failed.detail == "first of 10"
    writes, written = stage_writes(spool, "valid_questions", batch="b", run_id="run", seconds=1.0)
    assert written == 4 and [w.table for w in writes] == ["valid_questions", "verdicts", "materializations"]
    (account,) = writes[-1].rows
    assert (account["rows_in"], account["continued"], account["dropped"], account["failed"]) == (8, 4, 2, 2)
    assert len(spool.verdicts.column("subject_id")) == 4


def test_what_a_stage_concludes_replaces_its_counts(spool):
    spool.add(window(0, agreeing=1))
    spool.conclude(StageResult(0, 0, {}, details={"agreeing": "all", "share": 0.5}))
    assert spool.details == {"agreeing": "all", "share": 0.5} and spool.rows_in == 3


def test_what_a_stage_concludes_stops_no_row(spool):
    spool.add(window(0))
    spool.check()
    spool.conclude(StageResult(1, 0, {}, [Stopped("q9", "late")]))
    with pytest.raises(ConservationError, match="2 verdicts: what a stage concludes stops no row"):
        spool.check()


def test_a_window_that_loses_rows_or_tells_a_share_is_refused(spool):
    with pytest.raises(ConservationError):
        spool.add(StageResult(2, 1, {}))
    with pytest.raises(TypeError, match=r"valid_questions: share of a window is 0\.5, no count that adds up"):
        spool.add(window(0, share=0.5))
