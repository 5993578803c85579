"""A data folder belongs to one catalog: a missing setting makes no empty lake over it, and a moved home opens."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from resources.lake import ownership
from resources.lake.catalog_copy import copied_catalog
from resources.lake.maintenance import maintain
from resources.lake.ownership import MARKER, NoLakeError
from resources.lake.store import Commit, LakeError, LakeStore, Write
from tests.fresh_lakes import fresh_lake
from tests.paths_left import places_of


def lake_in(folder, *, data=None, **how) -> LakeStore:
    return LakeStore(f"sqlite:{folder}/catalog.sqlite", str(data or folder / "data"), **how)


def batches(number: int) -> list[Write]:
    rows = [
        {"batch": f"b{n}", "position": n, "created_at": "2026-11-30T00:00:00+00:00", "reason": "x"}
        for n in range(number)
    ]
    return [Write("growth_batches", rows, replace={})]


@pytest.fixture(scope="module")
def _written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "one"
    lake = LakeStore(*fresh_lake(folder))
    lake.write(Commit("t"), batches(2_000))
    lake.close()
    assert list((folder / "data").rglob("*.parquet")) and (folder / "data" / MARKER).exists()
    return folder


@pytest.fixture
def written(_written, tmp_path):
    """The folder of a lake with files."""
    return shutil.copytree(_written, tmp_path / "one")


def count(lake: LakeStore) -> int:
    try:
        return lake.sql("SELECT count(*) AS n FROM growth_batches")["n"][0]
    finally:
        lake.close()


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "of an old version"])
def test_a_new_catalog_over_the_files_of_a_lake_is_refused_and_nothing_is_lost(written, tmp_path, marked):
    if not marked:
        (written / "data" / MARKER).unlink()
    before = {path: path.read_bytes() for path in (written / "data").rglob("*") if path.is_file()}
    wrong = lake_in(tmp_path / "elsewhere", data=written / "data")
    for action in (wrong.snapshot_id, lambda: maintain(wrong, keep_days=0, cleanup_after_s=0)):
        with pytest.raises(LakeError, match=r"holds the files of a lake, and the catalog .*elsewhere.* is new"):
            action()
    assert {path: path.read_bytes() for path in (written / "data").rglob("*") if path.is_file()} == before
    assert count(lake_in(written)) == 2_000


def test_a_lake_of_an_old_version_gets_its_marker_and_another_catalog_is_refused(written, tmp_path):
    (written / "data" / MARKER).unlink()
    assert count(lake_in(written)) == 2_000 and (written / "data" / MARKER).exists()
    other = lake_in(tmp_path / "two")  # not a copy, which would be the same lake
    assert count(other) == 0
    crossed = lake_in(tmp_path / "two", data=written / "data")
    with pytest.raises(LakeError, match="belongs to another catalog") as refused:
        crossed.write(Commit("t"), batches(1))
    assert "WETHINK_LAKE_CATALOG" in str(refused.value) and count(lake_in(written)) == 2_000
    (written / "data" / MARKER).write_text("{}")
    with pytest.raises(LakeError, match="is damaged"):
        count(lake_in(written))


def test_a_reader_leaves_no_mark_and_one_that_cannot_leave_it_still_opens(written, monkeypatch):
    (written / "data" / MARKER).unlink()
    assert count(lake_in(written, create=False)) == 2_000 and not (written / "data" / MARKER).exists()

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "wethink-lake.json")

    monkeypatch.setattr(ownership, "_mark", refused)
    assert count(lake_in(written)) == 2_000


def test_what_only_reads_makes_no_lake(tmp_path):
    for _ in range(2):
        with pytest.raises(NoLakeError, match=r"there is no lake at .*WETHINK_HOME"):
            lake_in(tmp_path / "none", create=False).snapshot_id()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("move", [shutil.move, shutil.copytree], ids=["moved", "copied"])
def test_a_home_that_went_elsewhere_opens_and_goes_on(written, tmp_path, move):
    move(str(written), str(tmp_path / "with a space/and 'quotes'"))
    there = lake_in(tmp_path / "with a space/and 'quotes'")
    assert count(there) == 2_000
    there.write(Commit("t"), batches(3_000))
    assert count(there) == 3_000
    if move is shutil.copytree:
        assert count(lake_in(written)) == 2_000, "each has its own files"


def test_a_lake_names_no_absolute_path_of_its_place(tmp_path):
    lake = lake_in(tmp_path / "new's")
    lake.write(Commit("t"), batches(2_000))
    lake.close()
    assert places_of(str(tmp_path), tmp_path) == []


def test_a_lake_that_was_made_with_its_absolute_path_loses_it_by_the_first_that_may_write(written, tmp_path):
    catalog = written / "catalog.sqlite"
    with closing(sqlite3.connect(catalog)) as con, con:
        con.execute("UPDATE ducklake_metadata SET value = ? WHERE key = 'data_path'", [f"{written}/data/"])
    assert count(lake_in(written, create=False)) == 2_000 and places_of(str(tmp_path), written)
    assert count(lake_in(written)) == 2_000 and places_of(str(tmp_path), written) == []


def test_a_catalog_names_another_place_than_beside_it_by_the_way_there(written, tmp_path):
    with closing(LakeStore(f"sqlite:{written}/catalog.sqlite", f"{written}/data")) as lake:
        lake.flush_all_locked()
    copied_catalog(f"sqlite:{written}/catalog.sqlite", f"sqlite:{tmp_path}/far/c.sqlite", str(written / "data"))
    assert count(LakeStore(f"sqlite:{tmp_path}/far/c.sqlite", f"{written}/data", create=False)) == 2_000
    assert places_of(str(tmp_path), tmp_path / "far") == []


def test_maintenance_leaves_alone_what_the_catalog_never_named(written):
    foreign = written / "data/main/growth_batches/another-team.parquet"
    foreign.write_bytes(b"theirs")
    (written / "data/notes.parquet").write_bytes(b"theirs too")
    lake = lake_in(written)
    lake.write(Commit("t"), batches(1_500))
    done = maintain(lake, keep_days=0, cleanup_after_s=0)
    assert done.files >= 1 and foreign.read_bytes() == b"theirs" and (written / "data/notes.parquet").exists()
    assert count(lake) == 1_500
    assert json.loads((written / "data" / MARKER).read_text())["lake"]
