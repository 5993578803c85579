"""The weekly schedule: it opens the next growth batch and asks for its run, once."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from jobs.schedules import weekly_growth
from wethink_assets.definitions import build_resources
from wethink_assets.partitions import growth_batches
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import SOURCES


def test_the_schedule_opens_the_next_batch_and_asks_for_its_run(tiny_settings, tmp_path):
    lake = build_resources(tiny_settings)["lake"]
    home = tmp_path / "dagster"
    home.mkdir()
    instance = dg.DagsterInstance.local_temp(str(home))  # the context wants one with a place

    def tick() -> dg.RunRequest:
        when = datetime(2026, 11, 30, 3, tzinfo=UTC)
        with dg.build_schedule_context(
            instance=instance, scheduled_execution_time=when, resources={"lake": lake}
        ) as context:
            return weekly_growth(context)

    request = tick()
    assert (request.partition_key, request.run_key) == ("batch-0001", "batch-0001")
    assert instance.get_dynamic_partitions(growth_batches.name) == ["batch-0001"]
    assert tick().partition_key == "batch-0001"  # not begun yet: given again, not doubled
    result = dg.materialize(
        [source_asset(SOURCES[0])],
        instance=instance,
        partition_key="batch-0001",
        resources=build_resources(tiny_settings),
    )
    assert result.success
    assert tick().partition_key == "batch-0002"
    assert [r["reason"] for r in lake.rows("growth/select_batches")] == ["schedule", "schedule"]
