"""The lake that release 0.1.0 made: it opens, grows the tables and columns that are new, and keeps every row.

`home-0.1.0/catalog.sqlite.xz` is its catalog after one small batch (6 images of three sources) and a release; all its
rows lie in the catalog.
"""

from __future__ import annotations

import lzma
from pathlib import Path

import dagster as dg
import pytest

from jobs.growth import next_batch
from jobs.jobs import DATA
from resources.lake.backup import Places, backup, restore
from resources.lake.maintenance import maintain
from resources.lake.ownership import MARKER
from resources.lake.sql_files import tables
from resources.lake.store import Commit, LakeStore, Write
from tests.resources.calls.asking import ledger_row
from wethink_assets.demo.pack.generate import generate
from wethink_assets.graph import build_definitions
from wethink_assets.partitions import growth_batches
from wethink_assets.settings import Settings, SourceSettings
from wethink_assets.sources.catalog import SOURCES

GROWN = ("ai2d", "chartqa", "docvqa", "geoqa_plus", "sqa")
ROWS = {"samples": 9, "calls": 153, "releases": 1, "source_images": 6, "verdicts": 3, "materializations": 31}


@pytest.fixture
def home(tmp_path) -> Path:
    home = tmp_path / "home"
    (home / "lake").mkdir(parents=True)
    packed = Path(__file__).parent / "home-0.1.0/catalog.sqlite.xz"
    (home / "lake/catalog.sqlite").write_bytes(lzma.decompress(packed.read_bytes()))
    return home


def store_of(home: Path, **how) -> LakeStore:
    return LakeStore(f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data", **how)


def seen(store: LakeStore, *columns: str, at: int | None = None) -> list[tuple]:
    when = "" if at is None else f" AT (VERSION => {at})"
    return store.sql(f"SELECT {', '.join(columns)} FROM samples{when} ORDER BY ALL").rows()


def test_it_opens_grows_and_reads_as_it_did(home):
    store = store_of(home)
    assert {name: store.sql(f"SELECT count(*) AS n FROM {name}")["n"][0] for name in ROWS} == ROWS
    for table in tables().values():
        assert set(store.sql(f"FROM {table.name} LIMIT 0").columns) == {column.name for column in table.columns}
    assert (home / "lake/data" / MARKER).exists()
    (release,) = store.rows("dataset/select_releases")
    then = "sample_id", "image_id", "question_id", "problem", "answer", "source"
    rows = seen(store, *then)
    assert len(rows) == release["rows"] == 9
    assert seen(store, *then, at=release["snapshot_id"]) == rows
    store.write(Commit("test"), [Write("calls", [ledger_row(1)])])
    store.rows("growth/select_batch_accounts")
    done = maintain(store, keep_days=0, cleanup_after_s=0)
    assert done.kept == 1 and seen(store, *then, at=release["snapshot_id"]) == rows == seen(store, *then)
    assert store.sql("SELECT count(*) AS n FROM calls")["n"][0] == ROWS["calls"] + 1
    store.close()


def test_it_is_backed_up_before_anything_is_changed(home, tmp_path):
    places = Places(home, f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data")
    before = (home / "lake/catalog.sqlite").read_bytes()
    backup(places, tmp_path / "kept")
    assert (home / "lake/catalog.sqlite").read_bytes() == before
    there = tmp_path / "restored"
    restore(Places(there, f"sqlite:{there}/lake/catalog.sqlite", f"{there}/lake/data"), tmp_path / "kept")
    store = store_of(there)
    assert len(seen(store, "sample_id")) == ROWS["samples"]
    store.close()


@pytest.mark.long
def test_a_batch_grows_on_it_beside_the_old_one(home):
    """By the whole data half, with the teacher over HTTP, of sources that the old batch took nothing of."""
    paused = tuple(one.key for one in SOURCES if one.key not in GROWN)
    settings = Settings(home=home, sources=SourceSettings(quota=3, paused=paused))
    generate(settings.sample_pack_dir, images_per_source=3, seed=5, workers=1)
    store = store_of(home)
    before = seen(store, "sample_id", "batch", "problem", "answer")
    (release,) = store.rows("dataset/select_releases")
    known = [row["batch"] for row in store.rows("growth/select_batches")]
    (home / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(home / "dagster")) as instance:
        batch = next_batch(store, instance)
        instance.add_dynamic_partitions(growth_batches.name, [batch])
        job = dg.define_asset_job("data", selection=DATA, executor_def=dg.in_process_executor)
        definitions = dg.Definitions.merge(build_definitions(settings), dg.Definitions(jobs=[job]))
        result = definitions.resolve_job_def("data").execute_in_process(instance=instance, partition_key=batch)
    assert result.success and batch not in known
    rows = seen(store, "sample_id", "batch", "problem", "answer")
    assert [row for row in rows if row[1] != batch] == before and len(rows) > len(before)
    assert len(seen(store, "sample_id", at=release["snapshot_id"])) == release["rows"]
    assert [row["batch"] for row in store.rows("growth/select_batches")] == [*known, batch]
    store.close()
