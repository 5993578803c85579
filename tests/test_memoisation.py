"""Which steps a run that goes on leaves alone: everything that decides rows, changed one by one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from resources.lake.store import Commit, Write
from wethink_assets import memoisation
from wethink_assets.accounting import StageResult
from wethink_assets.settings import GrowthSettings, Settings, SynthesisSettings, TrainingSettings
from wethink_assets.stage_writes import stage_writes

HOME = Settings(home=Path("/nowhere"))


class Commits:
    """The lake's answers: an asset's own commits and those upstream."""

    def __init__(self, rows: list[dict[str, Any]], rows_to_ask: int = 0, calls_to_ask: int = 0) -> None:
        self.given, self.to_ask_again = rows, {"rows": rows_to_ask, "calls": calls_to_ask}

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.given if name == "quality/select_commits" else [self.to_ask_again]


def commit(asset: str, batch: str, run: str, **other: Any) -> dict[str, Any]:
    plain = {"failed": 0, "rows_written": 3, "details": None, "calls_forgotten": False, "asked_models": True}
    return {"asset": asset, "batch": batch, "run_id": run, **plain, **other}


UPSTREAM = [commit("benchmark_items", "", "run-1"), commit("images", "b1", "run-2")]


def look(
    lake: Commits,
    settings: Settings = HOME,
    code: str = "code",
    *,
    beside_others: bool = True,
    goes_on: bool = True,
):
    upstream = ("images", "benchmark_items")
    return memoisation.look(
        lake,
        settings,
        "pool",
        "b1",
        upstream=upstream,
        code_version=code,
        beside_others=beside_others,
        goes_on=goes_on,
    )


def made(*others: dict[str, Any]) -> str:
    """Details of a commit of the pool that is made now, beside these of its other batches."""
    return json.dumps({memoisation.DETAIL: asdict(look(Commits([*UPSTREAM, *others]))[0])})


OTHER = commit("pool", "b0", "run-0")
OWN = commit("pool", "b1", "run-3", details=made(OTHER))


def test_rows_of_the_same_code_settings_and_inputs_are_left_alone():
    _, same = look(Commits([*UPSTREAM, OTHER, OWN]))
    assert same == memoisation.Unchanged("run-3", 3)
    later = commit("pool", "b2", "run-9")
    assert look(Commits([*UPSTREAM, OTHER, OWN, later]))[1], "a batch that came later changes nothing of this one"
    growth = GrowthSettings(retrain_share=0.2)
    elsewhere = HOME.model_copy(
        update={"home": Path("/moved"), "training": TrainingSettings(steps=7), "growth": growth}
    )
    assert look(Commits([*UPSTREAM, OTHER, OWN]), elsewhere)[1], "what no step before the release reads"
    same = [commit("benchmark_items", "", run, details='{"data_version": "v1"}') for run in ("run-1", "run-8")]
    own = OWN | {"details": json.dumps({"made_of": asdict(look(Commits([same[0]]))[0])})}
    assert look(Commits([same[1], own]))[1], "an input that was written again as it was"
    failed = OWN | {"failed": 2}
    assert look(Commits([*UPSTREAM, OTHER, failed]))[1], "what failed for good fails again"


@pytest.mark.parametrize(
    "lake",
    [
        pytest.param(Commits([*UPSTREAM, OTHER]), id="nothing was made"),
        pytest.param(Commits([*UPSTREAM, OTHER, OWN | {"details": None}]), id="by an earlier version"),
        pytest.param(Commits([*UPSTREAM, OTHER, OWN | {"details": '{"made_of": 3}'}]), id="details of another form"),
        pytest.param(Commits([UPSTREAM[0], commit("images", "b1", "run-5"), OTHER, OWN]), id="an input made again"),
        pytest.param(
            Commits(
                [commit("benchmark_items", "", "run-1", details='{"data_version": "v2"}'), UPSTREAM[1], OTHER, OWN]
            ),
            id="an input of another version",
        ),
        pytest.param(Commits([UPSTREAM[1], OTHER, OWN]), id="an input gone"),
        pytest.param(Commits([*UPSTREAM, commit("texts", "b1", "run-2"), OTHER, OWN]), id="an input more"),
        pytest.param(Commits([*UPSTREAM, commit("pool", "b0", "run-7"), OWN]), id="an earlier batch made again"),
        pytest.param(Commits([*UPSTREAM, OTHER, OWN | {"rows_written": 0}]), id="it wrote nothing"),
        pytest.param(Commits([*UPSTREAM, OTHER, OWN | {"calls_forgotten": True}]), id="calls were forgotten"),
        pytest.param(
            Commits([*UPSTREAM, OTHER, OWN | {"failed": 1}], rows_to_ask=1), id="a row whose call may pass now"
        ),
        pytest.param(Commits([*UPSTREAM, OTHER, OWN], calls_to_ask=1), id="a call that may, and no row failed with it"),
    ],
)
def test_rows_are_made_again_where_what_decides_them_changed(lake):
    assert look(lake)[1] is None


def test_only_a_run_that_goes_on_leaves_rows_alone():
    lake = Commits([*UPSTREAM, OTHER, OWN])
    assert look(lake, goes_on=False) == (look(lake)[0], None)


def test_rows_are_made_again_by_other_code_and_other_settings():
    lake = Commits([*UPSTREAM, OTHER, OWN])
    assert look(lake, code="other code")[1] is None
    changed = HOME.model_copy(update={"synthesis": SynthesisSettings(filters_off=["path_loops"])})
    assert look(lake, changed)[1] is None


def test_a_commit_records_what_it_is_made_of_only_within_making():
    made_of, _ = look(Commits(UPSTREAM))
    assert memoisation.recorded() == {}
    with memoisation.making(made_of):
        assert memoisation.recorded() == {memoisation.DETAIL: asdict(made_of)}
    with memoisation.making(None):
        assert memoisation.recorded() == {}
    assert made_of.inputs == {"benchmark_items": "run-1", "images b1": "run-2"} and made_of.others == {}


def test_calls_that_another_run_would_make_are_told_from_those_that_the_ledger_keeps(lake):
    """Also where the row went on without them, as a blind check's or one of several details of an image."""
    own = {"run_id": "run-1", "asset": "descriptions", "batch": "b1"}
    write = Write("call_reuse", [{**own, "asked": 5, "paid": 3, "reused": 2, "saved": 0.0}])
    failed = [
        {**own, "subject_id": subject, "verdict": "failed", "reason": reason, "detail": "", "related_id": related}
        for subject, reason, related in (("a", "connection", "call-1"), ("b", "truncated", None))
    ]
    lake.store.write(Commit("descriptions", "b1", "run-1"), [write, Write("verdicts", failed)])
    asked = lake.store.rows("quality/count_rows_to_ask_again", asset="descriptions", batch="b1", run_id="run-1")
    assert asked == [{"rows": 1, "calls": 3}]
    of_pool = lake.store.rows("quality/count_rows_to_ask_again", asset="image_pool", batch="b1", run_id="run-1")
    assert of_pool == [{"rows": 0, "calls": 0}]
    for asset in ("descriptions", "image_pool"):
        result = StageResult(0, 0, {})
        writes, _ = stage_writes(result, asset, batch="b1", run_id="run-1", seconds=0.0, replace=None, modes=None)
        lake.store.write(Commit(asset, "b1", "run-1"), writes)
    commits = lake.store.rows("quality/select_commits", asset="image_pool", assets=["descriptions"], batch="b1")
    assert {row["asset"]: row["asked_models"] for row in commits} == {"descriptions": True, "image_pool": False}
