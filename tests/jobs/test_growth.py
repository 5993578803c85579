"""Growth batches: numbered in order beside names that people give, and how far the runs of one have come."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from jobs.growth import next_batch, progress_of
from jobs.sensors import grown_sources
from resources.lake.store import Commit, Write
from resources.workers.process_identity import ProcessIdentity
from tests.jobs.runs import past_run
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.sources.batches import begin_batch


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as one:
        yield one


def begin(lake, batch: str, why: str = "manual") -> None:
    row = {
        "asset": "sources/coco",
        "batch": batch,
        "run_id": "r",
        "rows_in": 0,
        "continued": 0,
        "dropped": 0,
        "failed": 0,
        "rows_written": 0,
        "seconds": 0.0,
        "committed_at": datetime.now(UTC),
        "details": {},
    }
    writes = [Write("materializations", [row], replace={"batch": batch})]
    lake.write(Commit("sources/coco", batch, "r"), [*writes, *begin_batch(lake, batch, {"wethink/growth": why})])


def test_a_batch_is_given_again_until_something_of_it_is_there(lake, instance):
    assert next_batch(lake, instance) == "batch-0001"
    instance.add_dynamic_partitions(GROWTH_BATCH, ["batch-0001"])
    assert next_batch(lake, instance) == "batch-0001"
    assert lake.rows("growth/select_batches") == []  # asking writes nothing
    begin(lake, "batch-0001")
    begin(lake, "batch-0001", "again")
    assert next_batch(lake, instance) == "batch-0002"


def test_names_that_people_give_have_their_place_and_are_never_handed_out(lake, instance):
    names = ["spring 2027/ä: 'one'", "batch-0007", "batch-12", "batch-0009"]
    instance.add_dynamic_partitions(GROWTH_BATCH, names)
    for name in names[:3]:
        begin(lake, name, "sensor: 3 in coco")
    assert next_batch(lake, instance) == "batch-0009"
    begin(lake, "batch-0009")
    assert next_batch(lake, instance) == "batch-0010"
    batches = lake.rows("growth/select_batches")
    assert [(b["position"], b["batch"], b["begun"]) for b in batches] == [
        (n, name, True) for n, name in enumerate(names, 1)
    ]
    assert batches[0]["reason"] == "sensor: 3 in coco"


def test_progress_counts_what_was_asked_for_and_sees_through_runs_without_a_process(instance):
    ours = [past_run(instance, "batch-0001", dg.DagsterRunStatus.FAILURE, key=f"batch-0001 run {n}") for n in (1, 2)]
    progress = progress_of(instance, "batch-0001")
    assert (progress.asked, progress.last, progress.may_be_resumed) == (2, ours[1], True)
    assert progress.request("x").run_key == "batch-0001 run 3"
    here = ProcessIdentity.here()
    gone = ProcessIdentity(here.host, here.machine, "another-boot", here.namespace, here.pid, here.started)
    run = past_run(instance, "batch-0001", dg.DagsterRunStatus.STARTED, key="batch-0001 run 3")
    assert progress_of(instance, "batch-0001").under_way.run_id == run.run_id
    instance.add_run_tags(run.run_id, {"wethink/process": f"{run.run_id} {gone}"})
    progress = progress_of(instance, "batch-0001")
    assert (
        progress.under_way is None and not progress.may_be_resumed and "did not finish in 3 runs" in progress.given_up
    )
    past_run(instance, "batch-0001", dg.DagsterRunStatus.SUCCESS)
    assert progress_of(instance, "batch-0001").finished and not progress_of(instance, "batch-0002").asked


def test_a_deleted_run_and_one_that_was_never_submitted_leave_a_key_that_dagster_takes(instance):
    first, second = (
        past_run(instance, "batch-0001", dg.DagsterRunStatus.FAILURE, key=f"batch-0001 run {n}") for n in (1, 2)
    )
    instance.delete_run(first.run_id)
    progress = progress_of(instance, "batch-0001")
    assert progress.last.run_id == second.run_id and progress.request("x").run_key == "batch-0001 run 3"
    tags = {"dagster/partition": "batch-0001", "dagster/run_key": "batch-0001 run 3"}
    instance.create_run_for_job(dg.GraphDefinition("everything").to_job("everything"), tags=tags)
    progress = progress_of(instance, "batch-0001")
    assert progress.under_way is None and progress.request("x").run_key == "batch-0001 run 3"


def test_a_name_whose_runs_a_person_gave_up_is_not_given_again(lake, instance):
    past_run(instance, "batch-0001", dg.DagsterRunStatus.FAILURE, key="batch-0001 run 1")
    assert next_batch(lake, instance) == "batch-0002"
    instance.add_dynamic_partitions(GROWTH_BATCH, ["batch-0001"])
    assert next_batch(lake, instance) == "batch-0001"


def test_the_first_look_only_remembers():
    assert grown_sources({"coco": 100_000}, None) == {}


def test_only_growth_since_the_last_look_counts():
    cursor = {"coco": 5, "vg": 2}
    assert grown_sources({"coco": 5, "vg": 1, "sam": 4}, cursor) == {"sam": 4}
    assert grown_sources({"coco": 8}, cursor) == {"coco": 3}
