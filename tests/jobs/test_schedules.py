"""The weekly schedule: it asks for the next growth batch, or again for the last where its run did not finish."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from jobs.schedules import weekly_growth
from tests.jobs.runs import past_run
from wethink_assets.graph import build_resources
from wethink_assets.partitions import growth_batches
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import SOURCES


@pytest.mark.long
def test_the_schedule_asks_for_the_next_batch_once_the_last_has_finished(tiny_settings, tmp_path):
    resources = build_resources(tiny_settings)
    lake = resources["lake"]
    home = tmp_path / "dagster"
    home.mkdir()
    instance = dg.DagsterInstance.local_temp(str(home))  # the context wants one with a place

    def tick():
        when = datetime(2026, 11, 30, 3, tzinfo=UTC)
        with dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=when,
            resources={"lake": lake, "settings": resources["settings"]},
        ) as context:
            return weekly_growth(context)

    request = tick()
    assert (request.partition_key, request.run_key) == ("batch-0001", "batch-0001 run 1")
    assert instance.get_dynamic_partitions(growth_batches.name) == ["batch-0001"]
    assert tick().run_key == "batch-0001 run 1" and lake.rows("growth/select_batches") == []
    under_way = past_run(instance, "batch-0001", dg.DagsterRunStatus.STARTED, key=request.run_key)
    assert f"batch-0001 is under way in run {under_way.run_id[:8]}" in tick().skip_message
    instance.report_run_failed(under_way)
    assert tick().run_key == "batch-0001 run 2"
    result = dg.materialize(
        [source_asset(SOURCES[0])],
        instance=instance,
        partition_key="batch-0001",
        resources=resources,
        tags=request.tags,
    )
    assert result.success and tick().run_key == "batch-0001 run 2"
    past_run(instance, "batch-0001", dg.DagsterRunStatus.SUCCESS)
    assert tick().run_key == "batch-0002 run 1"
    assert [r["reason"] for r in lake.rows("growth/select_batches")] == ["schedule"]

    past_run(instance, "batch-0002", dg.DagsterRunStatus.FAILURE, key="batch-0002 run 1")
    instance.delete_dynamic_partition(growth_batches.name, "batch-0002")
    assert tick().partition_key == "batch-0003"  # what a person deleted is not asked for
    instance.delete_dynamic_partition(growth_batches.name, "batch-0003")
    instance.add_dynamic_partitions(growth_batches.name, ["batch-0002"])
    for attempt in (2, 3):  # one that never begins does not open another
        past_run(instance, "batch-0002", dg.DagsterRunStatus.FAILURE, key=f"batch-0002 run {attempt}")
    assert "batch-0002 did not finish in 3 runs" in tick().skip_message
