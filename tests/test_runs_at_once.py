"""Runs of one step at the same moment: nothing is taken twice, lost, or paid twice."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pytest

from resources.lake.store import LakeStore
from tests import claiming_worker
from tests.sources.running import materialize
from tests.synthesis.house import House
from wethink_assets.settings import SourceSettings
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import source
from wethink_assets.synthesis.assets import synthesis_assets
from wethink_assets.training.job import Job

LAUNCHES, BATCHES = 6, 3


@pytest.fixture(scope="module")
def forks():
    """Processes of their own, forked of one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.claiming_worker"])
    return context


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


@pytest.mark.long
@pytest.mark.timeout(900)  # twenty processes on few cores
def test_twenty_processes_that_claim_files_of_one_source_lose_and_double_nothing(tmp_path, tiny_settings, forks):
    """Ten batches, each launched twice."""
    processes, quota = 20, 2
    (tmp_path / "coco/train2017").mkdir(parents=True)
    for n in range(quota * processes // 2 + 4):
        (tmp_path / f"coco/train2017/{n:02}.jpg").write_bytes(b"%d" % n)
    own = tiny_settings.model_copy(update={"sources_root": tmp_path, "sources": SourceSettings(quota=quota)})
    batches = [f"b{n % 10}" for n in range(processes)]
    start = forks.Barrier(processes)
    settings = own.model_dump(mode="json")
    _all_at_once(forks, tmp_path, [("claim", settings, "coco", batch, start) for batch in batches])
    store = LakeStore.of(own)
    taken = store.sql("SELECT batch, image_uri FROM source_images").rows()
    assert len(taken) == len({uri for _, uri in taken}) == quota * 10
    assert Counter(batch for batch, _ in taken) == dict.fromkeys(batches, quota)
    known = store.rows("growth/select_batches")
    assert sorted(row["batch"] for row in known) == sorted(set(batches))
    assert sorted(row["position"] for row in known) == list(range(1, 11))
    store.close()


@pytest.mark.long
def test_of_two_trainings_of_one_policy_the_second_waits_and_says_so(tmp_path, forks):
    job = Job("rl-1", "rl", str(tmp_path / "home/policies"), {"threads": 1, "report_to": []}, judged=False)
    path, launched, start = str(job.write()), tmp_path / "launched", forks.Barrier(2)
    said = [tmp_path / "first", tmp_path / "second"]
    orders = [[str(one) for one in order] for order in (said, said[::-1])]
    _all_at_once(forks, tmp_path, [("train", path, *order, str(launched), start) for order in orders])
    assert len(launched.read_text().splitlines()) == 1, "it is made once"
    told = sorted((path.read_text().splitlines() for path in said), key=len)
    assert told[0] == ["has rl-1"], "who makes it waits for nobody"
    waited, complete, has = told[1][0], *told[1][-2:]
    assert waited.startswith("waiting for the folder of rl-1, held by process ") and has == "has rl-1"
    assert complete == "rl-1 is complete in home/policies/rl-1: nothing is trained again"


def _all_at_once(forks, tmp_path, given) -> None:
    logs = [tmp_path / f"error-{n}" for n in range(len(given))]
    started = [
        forks.Process(target=claiming_worker.apart, args=(str(log), *one)) for log, one in zip(logs, given, strict=True)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(800)
    failed = [log.read_text() for process, log in zip(started, logs, strict=True) if process.exitcode != 0]
    assert not failed, failed[0]


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
