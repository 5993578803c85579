"""Runs of one step at the same moment: nothing is taken twice, lost, or paid twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pytest

from tests.sources.running import materialize
from tests.synthesis.house import House
from wethink_assets.settings import SourceSettings
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import source
from wethink_assets.synthesis.assets import synthesis_assets

LAUNCHES, BATCHES = 6, 3  # twenty launches of ten batches run alike, and take a minute


@pytest.mark.long
def test_launches_of_several_batches_twice_take_each_file_once(tmp_path, tiny_settings, lake):
    folder = tmp_path / "coco/train2017"
    folder.mkdir(parents=True)
    for n in range(2 * BATCHES + 4):
        (folder / f"{n:02}.jpg").write_bytes(b"%d" % n)
    own = tiny_settings.model_copy(update={"sources_root": tmp_path, "sources": SourceSettings(quota=2)})
    asset = source_asset(source("coco"))
    batches = [f"b{n % BATCHES}" for n in range(LAUNCHES)]
    with ThreadPoolExecutor(LAUNCHES) as threads:
        runs = list(threads.map(lambda batch: materialize([asset], batch, lake, own), batches))
    assert all(run.success for run in runs)
    taken = lake.store.sql("SELECT batch, image_uri FROM source_images").rows()
    assert len({uri for _, uri in taken}) == len(taken) == 2 * BATCHES
    assert Counter(batch for batch, _ in taken) == dict.fromkeys(batches, 2)
    known = lake.rows("growth/select_batches")
    assert sorted(row["batch"] for row in known) == sorted(set(batches))
    assert sorted(row["position"] for row in known) == list(range(1, BATCHES + 1))


def test_one_partition_launched_twice_asks_and_pays_once(tmp_path):
    house = House(tmp_path, recorded=True)
    (tmp_path / "dagster").mkdir()
    house.instance = dg.DagsterInstance.local_temp(str(tmp_path / "dagster"))
    descriptions = [asset for asset in synthesis_assets() if asset.key.path == ["descriptions"]]
    house.instance.add_dynamic_partitions("growth_batch", ["g1"])
    try:
        with ThreadPoolExecutor(2) as threads:
            runs = list(threads.map(lambda _: house.run(selection=descriptions), range(2)))
        assert all(run.success for run in runs)
        assert len(house.rows("descriptions")) == house.images
        (paid,) = house.sql("SELECT count(*)::INT AS calls, sum(attempts)::INT AS requests FROM calls")
        assert paid == {"calls": house.images, "requests": len(house.teacher.received)}
        asked = house.sql(
            "SELECT sum(asked)::INT AS asked, sum(paid)::INT AS paid, sum(reused)::INT AS reused FROM call_reuse"
        )[0]
        assert asked == {"asked": 2 * house.images, "paid": house.images, "reused": house.images}
    finally:
        house.teacher.close()
        house.lake.store.close()
