"""Retention and compaction: snapshots that a release or policy read stay as they were, the rest goes."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys

import duckdb
import pytest

from resources.lake.maintenance import maintain
from resources.lake.sql_files import statement
from resources.lake.store import Commit, LakeStore, Write
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import fresh_lake


@pytest.fixture
def lake(tmp_path):
    store = LakeStore(*fresh_lake(tmp_path))
    yield store
    store.close()


def growth(number: int, rows: int) -> Write:
    """`rows` verdicts of a batch, which replace those that it had."""
    values = [
        {
            "asset": "a",
            "batch": f"b{number}",
            "subject_id": f"{number}-{row}",
            "verdict": "dropped",
            "reason": "r",
            "detail": f"{random.random()}",
            "run_id": "r",
        }
        for row in range(rows)
    ]
    return Write("verdicts", values, replace={"asset": "a", "batch": f"b{number}"})


def release(snapshot: int) -> Write:
    row = {
        "release_id": f"r{snapshot}",
        "batches": ["b0"],
        "rows": 1,
        "train_rows": 1,
        "heldout_rows": 0,
        "target": 1,
        "config": {},
        "path": "releases/x",
        "snapshot_id": snapshot,
        "run_id": "r",
    }
    return Write("releases", [row], mode="add_missing")


def seen(lake: LakeStore, snapshot: int) -> list[tuple]:
    return lake.sql(f"SELECT * FROM verdicts AT (VERSION => {snapshot}) ORDER BY ALL").rows()


def size(tmp_path) -> int:
    return sum(path.stat().st_size for path in (tmp_path / "data").rglob("*.parquet"))


@pytest.mark.long
def test_after_many_batches_the_disk_shrinks_and_old_releases_read_as_they_did(lake, tmp_path):
    then: dict[int, list[tuple]] = {}
    for number in range(50):
        lake.write(Commit("a", f"b{number % 7}"), [growth(number % 7, 1_050)])  # seven generations of seven batches
        if number in (4, 22):
            snapshot = lake.snapshot_id()
            lake.write(Commit("release"), [release(snapshot)])
            then[snapshot] = seen(lake, snapshot)
    before, now = size(tmp_path), seen(lake, lake.snapshot_id())
    kept = maintain(lake, keep_days=30)
    assert kept.expired == 0, "nothing is that old"
    done = maintain(lake, keep_days=0, cleanup_after_s=0)
    assert done.expired > 45 and done.kept == 2 and done.files > 25
    assert size(tmp_path) < before / 2
    assert {snapshot: seen(lake, snapshot) for snapshot in then} == then
    assert seen(lake, lake.snapshot_id()) == now
    again = maintain(lake, keep_days=0, cleanup_after_s=0)
    assert again.kept == 2 and {snapshot: seen(lake, snapshot) for snapshot in then} == then


def test_the_snapshots_of_scores_are_kept_by_the_name_of_what_wrote_them(lake):
    evaluation = PROJECT_ROOT / "wethink_assets/evaluation"
    assert 'BOARD = dg.AssetKey("scoreboard")' in (evaluation / "assets.py").read_text("utf-8")
    assert 'Commit("evaluate"' in (evaluation / "standalone.py").read_text("utf-8")
    then = {}
    for author in ("a", "scoreboard", "b", "evaluate", "c", "d"):
        lake.write(Commit(author), [growth(0, 20)])
        then[author] = (lake.snapshot_id(), seen(lake, lake.snapshot_id()))
    done = maintain(lake, keep_days=0, cleanup_after_s=0)
    assert done.kept == 2
    for author in ("scoreboard", "evaluate"):
        assert seen(lake, then[author][0]) == then[author][1]
    with pytest.raises(duckdb.Error):
        seen(lake, then["b"][0])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_a_random_walk_of_writes_and_maintenance_changes_no_snapshot_that_is_kept(lake, seed):
    """Small writes lie in the catalog, large ones in files; replacing rows of either, flushed and merged in between."""
    chance = random.Random(seed)
    then: dict[int, list[tuple]] = {}
    for _ in range(18):
        what = chance.choices(("small", "large", "empty", "flush", "merge", "keep", "expire"), (6, 3, 2, 3, 3, 3, 1))[0]
        if what in ("small", "large", "empty"):
            rows = {"small": chance.randint(1, 30), "large": chance.randint(1_001, 1_300), "empty": 0}[what]
            lake.write(Commit("a"), [growth(chance.randint(0, 3), rows)])
        elif what == "flush":
            lake.alone(statement("lake/flush_all"))
        elif what == "merge":
            lake.alone(statement("lake/merge_all"))
        elif what == "keep":
            snapshot = lake.snapshot_id()
            then[snapshot] = seen(lake, snapshot)
            lake.write(Commit("release"), [release(snapshot)])
        else:
            maintain(lake, keep_days=0, cleanup_after_s=0)
        if what in ("flush", "merge", "expire"):
            assert {snapshot: seen(lake, snapshot) for snapshot in then} == then, what
    assert {snapshot: seen(lake, snapshot) for snapshot in then} == then


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler, to build a clock that jumps")
def test_under_a_clock_that_jumps_order_is_kept_and_nothing_held_expires(tmp_path):
    from tests.resources.lake.jumping_clock import SHIM

    (tmp_path / "clock.c").write_text(SHIM)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "clock.so", tmp_path / "clock.c"], check=True)
    env = {"LD_PRELOAD": str(tmp_path / "clock.so"), "JUMPING_CLOCK": str(tmp_path / "clock")}
    fresh_lake(tmp_path / "lake")
    worker = [sys.executable, "-m", "tests.resources.lake.jumping_clock", str(tmp_path / "lake")]
    done = subprocess.run(worker, cwd=PROJECT_ROOT, env=os.environ | env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    ids, times = told["ids"], told["times"]
    assert ids == sorted(set(ids)) and times[1] - times[0] > 3_000 and times[2] - times[3] > 3_000, "it jumped"
    assert told["after half an hour"] == ids, "none is older than one before it"
    held = [ids[1], ids[2]]
    for moment in ("an hour ahead", "an hour behind"):
        assert set(held) <= set(told[moment]) and told[f"{moment}: as written"]
    assert told["rows"] == [100, 100]
