"""The graph as Dagster sees it: complete, described, checked, and light to load."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dagster as dg
import pytest

from jobs import sensors
from jobs.schedules import weekly_growth
from jobs.sensors import new_source_files
from wethink_assets.benchmark_sets.registry import ALL_SETS
from wethink_assets.commit import CONSERVATION
from wethink_assets.definitions import build_definitions, build_resources
from wethink_assets.partitions import growth_batches
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import SOURCES

GROUPS = {"rewards", "sources", "images", "synthesis", "dataset", "training", "evaluation"}


@pytest.fixture(scope="module")
def specs() -> dict[str, dg.AssetSpec]:
    return {s.key.to_user_string(): s for s in build_definitions().resolve_all_asset_specs()}


def test_every_asset_says_what_it_is(specs):
    assert {k for k in specs if k.startswith("sources/")} == {source_asset(s).key.to_user_string() for s in SOURCES}
    assert len([k for k in specs if k.startswith("scores/")]) == len(ALL_SETS)
    for name, spec in specs.items():
        assert spec.description and len(spec.description) > 20, name
        assert spec.group_name in GROUPS and spec.owners and spec.kinds, name
        assert "dagster/column_schema" in spec.metadata, name


def test_every_asset_checks_its_rows():
    checks = {
        (k.asset_key.to_user_string(), k.name) for k in build_definitions().resolve_asset_graph().asset_check_keys
    }
    assets = {k.to_user_string() for k in build_definitions().resolve_asset_graph().get_all_asset_keys()}
    assert {a for a, name in checks if name == CONSERVATION} == assets


def test_growth_is_the_only_partition(specs):
    graph = build_definitions().resolve_asset_graph()
    partitioned = {s.group_name for s in specs.values() if graph.get(s.key).partitions_def is not None}
    assert partitioned == {"sources", "images", "synthesis"}
    assert {graph.get(s.key).partitions_def for s in specs.values()} <= {None, growth_batches}


def test_the_sensor_opens_one_batch_for_new_files(tiny_pack, tiny_settings, monkeypatch):
    resources = build_resources(tiny_settings)
    instance = dg.DagsterInstance.ephemeral()

    def look(cursor: str | None):
        wanted = {name: resources[name] for name in ("lake", "settings")}
        with dg.build_sensor_context(instance=instance, cursor=cursor, resources=wanted) as context:
            return new_source_files(context)

    first = look(None)
    assert not first.run_requests and first.cursor
    again = look(first.cursor)
    assert not again.run_requests
    before = json.loads(first.cursor)["seen"]
    grown = look(json.dumps({**before, "coco": before["coco"] - 2}))
    assert [(r.partition_key, r.run_key) for r in grown.run_requests] == [("batch-0001", "batch-0001")]
    assert grown.dynamic_partitions_requests[0].partition_keys == ["batch-0001"]
    assert resources["lake"].rows("growth/select_batches")[0]["reason"] == "sensor: 2 in coco"
    assert not look(grown.cursor).run_requests

    folder = tiny_settings.sources_dir / "coco"  # a share that is away for a while
    folder.rename(folder.with_name("away"))
    away = look(grown.cursor)
    folder.with_name("away").rename(folder)
    assert json.loads(away.cursor)["seen"]["coco"] == before["coco"] and not look(away.cursor).run_requests

    with monkeypatch.context() as late:
        late.setattr(sensors, "LOOK_S", -1.0)
        nothing = look(None)
    reached = look(nothing.cursor)  # a first look that reached nothing: the second only remembers
    assert not reached.run_requests and json.loads(reached.cursor)["seen"]["coco"] == before["coco"]
    assert not json.loads(reached.cursor)["unseen"]

    monkeypatch.setattr(sensors, "LOOK_S", -1.0)  # nothing can be listed in time
    looked = look(away.cursor)
    assert json.loads(looked.cursor)["seen"]["coco"] == before["coco"]
    assert json.loads(looked.cursor)["first"] == [s.key for s in SOURCES][1]
    assert json.loads(look(looked.cursor).cursor)["first"] == [s.key for s in SOURCES][2]


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
