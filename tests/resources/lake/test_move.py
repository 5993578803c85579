"""A lake moves between SQLite and PostgreSQL, folder and bucket, whole after a kill at any step."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from resources.lake import backup as backup_module
from resources.lake import catalog_copy, data_folder, move
from resources.lake.backup import Places, backup, restore
from resources.lake.copied_files import PART
from resources.lake.data_folder import DataFolder
from resources.lake.database import LakeError
from resources.lake.maintenance import maintain
from resources.lake.move import Place
from resources.lake.store import Commit, LakeStore, Write
from tests.fresh_lakes import fresh_lake
from tests.resources.calls.asking import ledger_row

pytestmark = pytest.mark.long


class Killed(BaseException):
    """A process that ends here: nothing below may tidy up after it."""


def put(store: LakeStore, *numbers: int) -> None:
    store.write(Commit("test"), [Write("calls", [ledger_row(n) for n in numbers])])


def store_of(place: Place) -> LakeStore:
    return LakeStore(place.catalog, place.data_path, create=False)


def seen(place: Place, at: int | None = None) -> list[tuple]:
    store = store_of(place)
    try:
        when = "" if at is None else f" AT (VERSION => {at})"
        return store.sql(f"FROM calls{when} ORDER BY ALL").rows()
    finally:
        store.close()


@pytest.fixture
def old(tmp_path) -> Place:
    """A lake with files, rows in the catalog, and deleted rows of both."""
    place = Place(*fresh_lake(tmp_path / "a home's lake"))
    store = store_of(place)
    put(store, *range(50))
    store.flush_inlined("calls")
    put(store, *range(50, 60))
    with store.connection() as con:
        con.execute("DELETE FROM calls WHERE call_id < 'id000020' OR call_id > 'id000057'")
    store.close()
    return place


@pytest.fixture
def places(tmp_path, old, database, bucket) -> list[Place]:
    """Where it goes, one after the other: catalog, files, both, and back."""
    folder = f"{tmp_path}/elsewhere/data"
    one, other = database(), database()
    return [
        Place(one, old.data_path),
        Place(one, f"{bucket.url}/team/data"),
        Place(other, folder),
        old,
    ]


def test_a_lake_goes_through_every_kind_of_place_and_back(old, places):
    before = store_of(old)
    first, rows = before.snapshot_id(), seen(old)
    before.close()
    here = old
    for n, there in enumerate(places):
        move.move(here, there)
        assert seen(there) == rows and seen(there, first) == seen(there, first), there
        with pytest.raises(LakeError, match="this lake was moved: set") as told:
            seen(here)
        assert there.data_path in str(told.value)
        assert move.move(here, there).lake == catalog_copy.state_of(there.catalog).lake, "once more does nothing"
        store = store_of(there)
        put(store, 100 + n)  # it is a lake like any other, and is maintained like one
        maintain(store, keep_days=30)
        store.close()
        rows = seen(there)
        assert len(rows) == 38 + n + 1
        here = there
    with pytest.raises(LakeError, match="is there already"):
        move.move(here, here)


def test_old_snapshots_read_as_they_did(old, database):
    store = store_of(old)
    last = store.snapshot_id()
    store.close()
    then = {at: seen(old, at) for at in range(last - 3, last + 1)}
    assert len({len(rows) for rows in then.values()}) == 3
    new = Place(database(), old.data_path)
    move.move(old, new)
    assert {at: seen(new, at) for at in then} == then


# In the order in which a move comes to them, each at the first call that is left: what is cut, before it or after.
STEPS = [
    (DataFolder, "put", "before"),
    (catalog_copy, "_filled", "before"),
    (catalog_copy, "_filled", "after"),
    (move, "closed", "before"),
    (move, "closed", "after"),
    (DataFolder, "mark", "before"),
    (DataFolder, "mark", "after"),
    (DataFolder, "mark", "before"),
]


def test_killed_at_any_step_the_same_move_goes_on(old, database, bucket, monkeypatch):
    """There and back. The lake is at one of both places, or says what to do, and never in two."""
    here, there = old, Place(database(), f"{bucket.url}/team/data")
    rows = seen(old)
    for _ in range(2):
        for owner, name, when in STEPS:
            act = getattr(owner, name)

            def cut(*given, act=act, when=when):
                if when == "after":
                    act(*given)
                raise Killed

            with monkeypatch.context() as patched:
                patched.setattr(owner, name, cut)
                with pytest.raises(Killed):
                    move.move(here, there)
            if name in ("put", "_filled"):
                assert seen(here) == rows
            with pytest.raises(LakeError, match=r"was moved|being moved|no lake at|does not exist"):
                seen(there)
        move.move(here, there)
        with pytest.raises(LakeError, match="was moved"):
            seen(here)
        assert seen(there) == rows
        store = store_of(there)
        put(store, 700)
        store.close()
        rows = seen(there)
        here, there = there, here


def test_nothing_of_another_lake_is_overwritten(tmp_path, old, database, bucket):
    other = Place(f"sqlite:{tmp_path}/other/catalog.sqlite", f"{tmp_path}/other/data")
    LakeStore(other.catalog, other.data_path).snapshot_id()  # not a copy, which would be the same lake
    theirs = Place(database(), f"{bucket.url}/theirs")
    move.move(other, theirs)
    store = store_of(theirs)
    put(store, 7)
    store.close()
    rows = seen(old)
    for new in (theirs, Place(theirs.catalog, old.data_path), Place(old.catalog, theirs.data_path)):
        with pytest.raises(LakeError, match="another lake"):
            move.move(old, new)
    assert seen(old) == rows and len(seen(theirs)) == 1
    with pytest.raises(LakeError, match="cannot be used"):
        move.move(old, Place("postgres:host=127.0.0.1 port=1 dbname=x", old.data_path))
    with pytest.raises(LakeError, match=r"s3://nobody-has-this/data.* cannot be used"):
        move.move(old, Place(old.catalog, "s3://nobody-has-this/data"))
    assert seen(old) == rows


def test_a_copy_that_went_on_by_itself_is_not_made_anew(tmp_path, old, database):
    new = Place(database(), f"{tmp_path}/new")
    move.move(old, new)
    catalog_copy.closed(old.catalog, None)  # somebody who opened the old place by hand
    DataFolder(old.data_path).mark(data_folder.Marker(catalog_copy.state_of(old.catalog).lake))
    for place in (old, new):
        store = store_of(place)
        put(store, 500)
        store.close()
    with pytest.raises(LakeError, match=r"in use by this lake already|gone on by itself"):
        move.move(old, new)


def test_a_team_home_is_backed_up_and_restored_to_any_place(tmp_path, old, database, bucket, monkeypatch):
    team = Place(database(), f"{bucket.url}/team/data")
    rows = seen(old)
    move.move(old, team)
    store = store_of(team)
    put(store, 900)
    store.close()
    rows = seen(team)
    home = tmp_path / "home"
    (home / "releases/one").mkdir(parents=True)
    (home / "releases/one/data.jsonl").write_text("rows\n")
    kept = tmp_path / "kept"

    _killed_at_every_file(monkeypatch, "get", lambda: backup(Places(home, *_of(team)), kept))
    assert not list(kept.rglob(f"*{PART}"))
    for n, there in enumerate(
        (
            Place(f"sqlite:{tmp_path}/new home/lake/catalog.sqlite", f"{tmp_path}/new home/lake/data"),
            Place(database(), f"{bucket.url}/again/data"),
        )
    ):
        to = tmp_path / f"restored-{n}"
        _killed_at_every_file(monkeypatch, "put", lambda to=to, there=there: restore(Places(to, *_of(there)), kept))
        assert seen(there) == rows and (to / "releases/one/data.jsonl").read_text() == "rows\n"
        with pytest.raises(LakeError, match="nothing is restored over a lake"):
            restore(Places(tmp_path / f"else-{n}", *_of(there)), _damaged(kept, tmp_path / f"damaged-{n}"))
    assert seen(team) == rows, "a backup changes nothing"


def test_rows_that_lie_in_the_catalog_of_a_backup_reach_a_database_and_a_kill_leaves_no_file(
    tmp_path, old, database, monkeypatch
):
    """They go to files of new names on their way, which a second try must not make anew beside the first ones."""
    rows = seen(old)
    backup(Places(tmp_path / "home", *_of(old)), tmp_path / "kept")
    new, home = Place(database(), f"{tmp_path}/data"), tmp_path / "home2"
    steps = [(backup_module, "_all_rows_in_files"), (DataFolder, "put"), (catalog_copy, "_filled")]
    for (owner, name), when in itertools.product(steps, ("before", "after")):
        act = getattr(owner, name)

        def cut(*given, act=act, when=when):
            if when == "after":
                act(*given)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, cut)
            with pytest.raises(Killed):
                restore(Places(home, *_of(new)), tmp_path / "kept")
    restore(Places(home, *_of(new)), tmp_path / "kept")
    assert seen(new) == rows
    there = {path.relative_to(new.data_path).as_posix() for path in Path(new.data_path).rglob("*.parquet")}
    assert there == set(catalog_copy.files_of(new.catalog)) and len(there) > 1
    assert not list(home.glob("wethink-restore*")), "nothing is left aside"


def _of(place: Place) -> tuple[str, str]:
    return place.catalog, place.data_path


def _damaged(kept: Path, copy: Path) -> Path:
    """The same backup as of another time, so that it is not taken for the one that was restored."""
    import shutil

    shutil.copytree(kept, copy)
    manifest = copy / "wethink-backup.json"
    manifest.write_text(manifest.read_text().replace('"snapshot": ', '"snapshot": 9'))
    return copy


def _killed_at_every_file(monkeypatch, step: str, act) -> None:
    for kills in itertools.count():
        counter, real = itertools.count(1), getattr(DataFolder, step)

        def cut(*given, counter=counter, real=real, last=2 if kills else 1):
            if next(counter) == last:
                raise Killed
            return real(*given)

        with monkeypatch.context() as patched:
            patched.setattr(DataFolder, step, cut)
            try:
                act()
                return
            except Killed:
                pass
