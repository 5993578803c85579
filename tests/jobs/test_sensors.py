"""The new-files sensor: a batch for new files, resumed until it has finished; a look that writes nothing."""

from __future__ import annotations

import json

import dagster as dg
import pytest

from jobs import sensors
from jobs.sensors import dead_runs, new_source_files
from resources.workers.process_identity import ProcessIdentity
from tests.jobs.runs import past_run
from wethink_assets.graph import build_resources
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import SOURCES

ENDED = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


class Ticks:
    """Ticks of the sensor as the daemon makes them: partitions are added, the cursor is kept; no run is launched."""

    def __init__(self, settings) -> None:
        self.instance = dg.DagsterInstance.ephemeral()
        self.resources = build_resources(settings)
        self.lake = self.resources["lake"]
        self.cursor: str | None = None

    def look(self, cursor: str | None):
        """A preview: nothing is kept."""
        needed = {name: self.resources[name] for name in ("lake", "settings")}
        with dg.build_sensor_context(instance=self.instance, cursor=cursor, resources=needed) as context:
            return new_source_files(context)

    def tick(self):
        result = self.look(self.cursor)
        if isinstance(result, dg.SensorResult):
            self.cursor = result.cursor
            for wanted in result.dynamic_partitions_requests or ():
                self.instance.add_dynamic_partitions(GROWTH_BATCH, wanted.partition_keys)
        return result

    def remember(self, **changes) -> None:
        self.cursor = json.dumps(json.loads(self.cursor) | changes)

    @property
    def seen(self) -> dict[str, int]:
        return json.loads(self.cursor)["seen"]


@pytest.fixture
def ticks(tiny_pack, tiny_settings):
    return Ticks(tiny_settings)


@pytest.fixture
def grown(ticks):
    """The first look, and then two new files in coco."""
    ticks.tick()
    ticks.remember(seen={**ticks.seen, "coco": ticks.seen["coco"] - 2})
    return ticks


def keys(result) -> list[str]:
    return [request.run_key for request in getattr(result, "run_requests", None) or ()]


@pytest.mark.parametrize("cursor", [None, ""], ids=["first", "preview"])
def test_the_first_look_says_how_many_files_there_are_and_how_to_take_them(ticks, cursor):
    first = ticks.look(cursor)
    assert not first.run_requests and "first look: " in first.skip_reason.skip_message
    assert "in 18 sources are in no batch" in first.skip_reason.skip_message
    assert "launch the job everything" in first.skip_reason.skip_message
    assert ticks.lake.rows("growth/select_batches") == [] and not ticks.look(first.cursor).run_requests


def test_new_files_ask_for_one_batch_and_a_preview_leaves_no_trace(grown):
    before = grown.lake.snapshot_id()
    preview = grown.look(grown.cursor)
    assert keys(preview) == ["batch-0001 run 1"] and preview.run_requests[0].partition_key == "batch-0001"
    assert preview.dynamic_partitions_requests[0].partition_keys == ["batch-0001"]
    assert preview.run_requests[0].tags["wethink/growth"] == "sensor: 2 in coco"
    assert grown.lake.snapshot_id() == before and grown.instance.get_dynamic_partitions(GROWTH_BATCH) == []
    assert keys(grown.tick()) == ["batch-0001 run 1"]
    assert keys(grown.tick()) == ["batch-0001 run 1"]  # lost on its way: asked for again by the same key


@pytest.mark.long
@pytest.mark.parametrize("status", ENDED, ids=["failed", "cancelled"])
def test_a_batch_that_ended_before_its_first_row_is_resumed_and_then_given_up_with_a_reason(grown, status):
    grown.tick()
    for attempt in (2, 3):
        past_run(grown.instance, "batch-0001", status, key=f"batch-0001 run {attempt - 1}")
        assert keys(grown.tick()) == [f"batch-0001 run {attempt}"]
    past_run(grown.instance, "batch-0001", status, key="batch-0001 run 3")
    given_up = grown.tick()
    assert (
        "batch-0001 did not finish in 3 runs" in given_up.skip_message
        and "delete that partition" in given_up.skip_message
    )
    past_run(grown.instance, "batch-0001", dg.DagsterRunStatus.SUCCESS)  # a person did it
    assert "took none of the new files in coco" in grown.tick().skip_reason.skip_message  # this run took nothing
    assert not keys(grown.tick())


def test_a_killed_run_does_not_hold_the_sensor_up_and_a_living_one_does(grown):
    grown.tick()
    run = past_run(grown.instance, "batch-0001", dg.DagsterRunStatus.STARTED, key="batch-0001 run 1")
    assert f"run {run.run_id[:8]} (batch-0001) is under way" in grown.tick().skip_message
    here = ProcessIdentity.here()
    gone = ProcessIdentity(here.host, here.machine, "another-boot", here.namespace, here.pid, here.started)
    grown.instance.add_run_tags(run.run_id, {"wethink/process": f"{run.run_id} {gone}"})
    assert keys(grown.tick()) == ["batch-0001 run 2"]
    with dg.build_sensor_context(instance=grown.instance) as context:
        assert "is gone: killed" in dead_runs(context).skip_message
    assert grown.instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE


def test_the_cursor_only_passes_what_a_finished_batch_took(grown):
    grown.tick()
    coco = next(source for source in SOURCES if source.key == "coco")
    there = grown.seen["coco"] + 2
    done = dg.materialize(
        [source_asset(coco)],
        instance=grown.instance,
        partition_key="batch-0001",
        resources=grown.resources,
        tags={"wethink/growth": "sensor: 2 in coco"},
    )
    assert done.success
    assert grown.lake.rows("growth/select_batches")[0]["reason"] == "sensor: 2 in coco"
    past_run(grown.instance, "batch-0001", dg.DagsterRunStatus.SUCCESS, key="batch-0001 run 1")
    after = grown.tick()
    left = there - len(grown.lake.rows("sources/select_rows_of_batch", source="coco", batch="batch-0001"))
    expected = ["batch-0002 run 1"] if left > there - 2 else []
    assert keys(after) == expected and grown.seen["coco"] == min(left, there - 2)


def test_a_share_that_is_away_and_a_source_that_is_late_are_no_growth(ticks, tiny_settings, monkeypatch):
    ticks.tick()
    before = ticks.seen
    folder = tiny_settings.sources_dir / "coco"  # a share that is away for a while
    folder.rename(folder.with_name("away"))
    ticks.tick()
    folder.with_name("away").rename(folder)
    assert ticks.seen["coco"] == before["coco"] and not keys(ticks.tick())

    with monkeypatch.context() as late:
        late.setattr(sensors, "LOOK_S", -1.0)
        nothing = ticks.look(None)
    reached = ticks.look(nothing.cursor)  # a first look that reached nothing: the second only remembers
    assert not reached.run_requests and json.loads(reached.cursor)["seen"]["coco"] == before["coco"]
    assert not json.loads(reached.cursor)["unseen"]

    monkeypatch.setattr(sensors, "LOOK_S", -1.0)  # nothing can be listed in time
    ticks.tick()
    assert ticks.seen["coco"] == before["coco"]
    assert json.loads(ticks.cursor)["first"] == [s.key for s in SOURCES][1]
    ticks.tick()
    assert json.loads(ticks.cursor)["first"] == [s.key for s in SOURCES][2]
