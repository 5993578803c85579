"""The new-files sensor: one growth batch for new files, and none for a share that is away for a while."""

from __future__ import annotations

import json

import dagster as dg

from jobs import sensors
from jobs.sensors import new_source_files
from wethink_assets.definitions import build_resources
from wethink_assets.sources.catalog import SOURCES


def test_the_sensor_opens_one_batch_for_new_files(tiny_pack, tiny_settings, monkeypatch):
    resources = build_resources(tiny_settings)
    instance = dg.DagsterInstance.ephemeral()

    def look(cursor: str | None):
        needed = {name: resources[name] for name in ("lake", "settings")}
        with dg.build_sensor_context(instance=instance, cursor=cursor, resources=needed) as context:
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
