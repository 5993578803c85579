"""Opening growth batches: numbered in order, never two for one reason, new files noticed once."""

from __future__ import annotations

from datetime import UTC, datetime

from jobs.growth import open_next_batch
from jobs.sensors import grown_sources
from resources.lake.store import Commit, Write


def begin(lake, batch: str) -> None:
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
    lake.write(Commit("sources/coco", batch, "r"), [Write("materializations", [row], replace={"batch": batch})])


def test_asking_twice_before_a_run_opens_one_batch(lake):
    assert open_next_batch(lake.store, "manual") == "batch-0001"
    assert open_next_batch(lake.store, "schedule") == "batch-0001"
    assert len(lake.rows("growth/select_batches")) == 1


def test_a_begun_batch_is_followed_by_the_next(lake):
    begin(lake, open_next_batch(lake.store, "manual"))
    assert open_next_batch(lake.store, "sensor: 3 in coco") == "batch-0002"
    batches = lake.rows("growth/select_batches")
    assert [(b["position"], b["begun"], b["reason"]) for b in batches] == [
        (1, True, "manual"),
        (2, False, "sensor: 3 in coco"),
    ]


def test_the_first_look_only_remembers():
    assert grown_sources({"coco": 100_000}, None) == {}


def test_only_growth_since_the_last_look_counts():
    cursor = {"coco": 5, "vg": 2}
    assert grown_sources({"coco": 5, "vg": 1, "sam": 4}, cursor) == {"sam": 4}
    assert grown_sources({"coco": 8}, cursor) == {"coco": 3}
