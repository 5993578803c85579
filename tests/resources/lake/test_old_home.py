"""The lake that release 0.1.0 made: it opens, grows the tables and columns that are new, and keeps every row.

`home-0.1.0/catalog.sqlite.xz` is its catalog after one small batch (6 images of three sources) and a release; all its
rows lie in the catalog.
"""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from resources.lake.backup import Places, backup, restore
from resources.lake.maintenance import maintain
from resources.lake.ownership import MARKER
from resources.lake.sql_files import tables
from resources.lake.store import Commit, LakeStore, Write
from tests.resources.calls.asking import ledger_row

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
