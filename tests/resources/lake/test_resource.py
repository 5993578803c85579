"""The lake as a resource: however often Dagster makes it, it is open once, and closed when nobody needs it."""

from __future__ import annotations

import gc
from pathlib import Path

from resources.lake.resource import Lake
from tests.fresh_lakes import fresh_lake


def folders(spill: Path) -> list[Path]:
    return sorted(spill.glob("*duckdb-*"))  # one for each open database


def test_resources_of_one_lake_share_it_and_the_last_closes_it(tmp_path):
    catalog, data_path = fresh_lake(tmp_path / "lake")
    spill = tmp_path / "spill"
    one, two = (Lake.at(catalog, data_path, spill=str(spill)) for _ in range(2))
    other = Lake.at(catalog, data_path, spill=str(spill), memory_limit=2 * 10**9)
    assert one.snapshot_id() == two.snapshot_id() == other.snapshot_id()
    assert one.store is two.store and other.store is not one.store and len(folders(spill)) == 2
    one.teardown_after_execution(None)
    two.snapshot_id()
    assert len(folders(spill)) == 2, "the other one is using it"
    two.teardown_after_execution(None)
    other.teardown_after_execution(None)
    assert not folders(spill)
    assert one.snapshot_id() > 0 and len(folders(spill)) == 1, "it opens again"
    del one
    gc.collect()
    assert not folders(spill), "a resource that Dagster only drops closes it too"
