"""Backup and restore: one snapshot while a run writes, whole after a kill at any file, and nothing is overwritten."""

from __future__ import annotations

import itertools
import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from resources.lake import copied_files
from resources.lake.backup import CATALOG, RESTORING, Places, backup, restore
from resources.lake.copied_files import JOURNAL, MANIFEST, PART, manifest_of
from resources.lake.database import LakeError
from resources.lake.maintenance import maintain
from resources.lake.store import Commit, LakeStore, Write
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import copied_lake, fresh_lake
from tests.resources.calls.asking import ledger_row

REST = {
    "releases/one/data.jsonl": "rows\n",
    "releases/one/images/a.png": "pixels",
    "policies/rl-1/model.safetensors": "weights" * 1_000,
    "wethink.toml": "",
}
LEFT = ("cache/calls/x.ids", "logs/a.log", "policies/rl-2.work/half", "pictures/p.png", "dagster/history/runs.db")


def places_of(home: Path) -> Places:
    return Places(home, f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data")


def store_of(home: Path) -> LakeStore:
    return LakeStore(places_of(home).catalog, places_of(home).data_path, create=False)


def put(store: LakeStore, *numbers: int) -> None:
    store.write(Commit("test"), [Write("calls", [ledger_row(n) for n in numbers])])


def calls(home: Path, at: int | None = None) -> list[str]:
    store = store_of(home)
    when = "" if at is None else f" AT (VERSION => {at})"
    found = store.sql(f"SELECT call_id, reply FROM calls{when} ORDER BY call_id").rows()
    store.close()
    return found


def rest(home: Path) -> dict[str, str]:
    files = (p for p in home.rglob("*") if p.is_file() and p.relative_to(home).parts[0] != "lake")
    return {p.relative_to(home).as_posix(): p.read_text("utf-8") for p in files}


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Path:
    """A home with files, inlined rows and deleted ones, and the rest of a home beside the lake."""
    home = tmp_path_factory.mktemp("full") / "a home, 100 % 'full'?"
    catalog, data = fresh_lake(home / "lake")
    store = LakeStore(catalog, data)
    put(store, *range(50))
    store.flush_inlined("calls")
    put(store, *range(50, 60))
    with store.connection() as con:
        con.execute("DELETE FROM calls WHERE call_id < 'id000020'")
    store.close()
    assert (catalog, data) == (places_of(home).catalog, places_of(home).data_path)
    for name, text in REST.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    for name in LEFT:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
    for name in LEFT[:-1]:
        (home / name).write_text("not to be kept")
    with sqlite3.connect(home / LEFT[-1]) as runs:
        runs.execute("CREATE TABLE runs AS SELECT 'a run' AS id")
    runs.close()
    return home


def test_a_restored_home_is_what_the_home_was(full, tmp_path):
    made = backup(places_of(full), tmp_path / "kept")
    assert manifest_of(tmp_path / "kept").files == tuple(
        copied_files.CopiedFile(f.path, f.size, f.sha256) for f in made.files
    )
    assert not list((tmp_path / "kept").rglob(f"*{PART}")) and not (tmp_path / "kept" / JOURNAL).exists()
    home = tmp_path / "moved"
    restore(places_of(home), tmp_path / "kept")
    assert rest(home) == REST and calls(home) == calls(full) and len(calls(home)) == 40
    assert (home.stat().st_mode & 0o077, (tmp_path / "kept").stat().st_mode & 0o077) == (0, 0)
    store = store_of(home)
    put(store, 100)  # it is a lake like any other, and is maintained like one
    maintain(store, keep_days=0, cleanup_after_s=0)
    store.close()
    assert len(calls(home)) == 41


def test_dagsters_storage_comes_along_where_it_is_asked_for(full, tmp_path):
    backup(places_of(full), tmp_path / "kept", dagster=True)
    restore(places_of(tmp_path / "home"), tmp_path / "kept")
    with sqlite3.connect(tmp_path / "home" / LEFT[-1]) as runs:
        assert runs.execute("SELECT id FROM runs").fetchall() == [("a run",)]
    runs.close()


def test_what_is_written_and_maintained_meanwhile_is_not_in_it(full, tmp_path):
    home = tmp_path / "home"
    copied_lake(full / CATALOG, home / "lake")
    (home / "releases").mkdir()

    def meanwhile(line: str) -> None:
        store = store_of(home)
        put(store, *range(200, 260))
        with store.connection() as con:
            con.execute("DELETE FROM calls WHERE call_id < 'id000055'")
        maintain(store, keep_days=0)
        store.close()

    made = backup(places_of(home), tmp_path / "kept", say=meanwhile)
    restore(places_of(tmp_path / "again"), tmp_path / "kept")
    assert calls(tmp_path / "again") == calls(full) != calls(home)
    store = store_of(tmp_path / "again")
    assert store.snapshot_id() == made.snapshot
    store.close()


class Killed(BaseException):
    """A process that ends here: nothing below may tidy up after it."""


def killed_at(monkeypatch, nth: int) -> None:
    """End in the middle of the nth copy, with half a file written."""
    counter, copy = itertools.count(1), copied_files.copy

    def cut(source: Path, target: Path) -> str:
        if next(counter) != nth:
            return copy(source, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_name(target.name + PART).write_bytes(source.read_bytes()[: source.stat().st_size // 2])
        raise Killed

    monkeypatch.setattr(copied_files, "copy", cut)


def until_done(monkeypatch, act) -> int:
    """Kill it at every file in turn; how often it was."""
    for kills in itertools.count():
        with monkeypatch.context() as patched:
            killed_at(patched, 2 if kills else 1)  # each try brings one file more
            try:
                act()
                return kills
            except Killed:
                pass
    raise AssertionError


def test_killed_at_every_file_it_goes_on_where_it_was(full, tmp_path, monkeypatch):
    kept, home = tmp_path / "kept", tmp_path / "home"
    kills = until_done(monkeypatch, lambda: backup(places_of(full), kept))
    assert kills >= 5 and not list(kept.rglob(f"*{PART}"))
    kills = until_done(monkeypatch, lambda: restore(places_of(home), kept))
    assert kills >= 5 and not (home / RESTORING).exists()
    assert rest(home) == REST and calls(home) == calls(full)


KILLED = """
import itertools, os, signal, sys
from pathlib import Path
from resources.lake import copied_files
from resources.lake.backup import Places, backup, restore
counter, copy = itertools.count(1), copied_files.copy
def cut(source, target):
    if next(counter) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return copy(source, target)
copied_files.copy = cut
home = Path(sys.argv[2])
places = Places(home, f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data")
(backup if sys.argv[1] == "backup" else restore)(places, Path(sys.argv[3]))
"""


@pytest.mark.long
def test_kill_9_leaves_what_the_next_call_finishes(full, tmp_path):
    kept, home = tmp_path / "kept", tmp_path / "home"
    for what, of in (("backup", full), ("restore", home)):
        done = subprocess.run([sys.executable, "-c", KILLED, what, of, kept], cwd=PROJECT_ROOT, check=False)
        assert done.returncode == -signal.SIGKILL
        if what == "backup":
            with pytest.raises(LakeError, match="interrupted: run `wethink backup"):
                restore(places_of(home), kept)
            backup(places_of(full), kept)
        else:
            with pytest.raises(LakeError):
                LakeStore(places_of(home).catalog, places_of(home).data_path).snapshot_id()
            restore(places_of(home), kept)
    assert rest(home) == REST and calls(home) == calls(full)


def test_nothing_is_overwritten(full, tmp_path):
    kept, other = tmp_path / "kept", tmp_path / "other"
    backup(places_of(full), kept)
    fresh_lake(other / "lake")
    before = calls(other)
    with pytest.raises(LakeError, match="nothing is restored over a lake"):
        restore(places_of(other), kept)
    assert calls(other) == before and not (other / RESTORING).exists()
    (tmp_path / "files" / "releases" / "one").mkdir(parents=True)
    (tmp_path / "files" / "releases" / "one" / "data.jsonl").write_text("mine")
    with pytest.raises(LakeError, match="over other files"):
        restore(places_of(tmp_path / "files"), kept)
    assert rest(tmp_path / "files") == {"releases/one/data.jsonl": "mine"}
    with pytest.raises(LakeError, match="finished backup"):
        backup(places_of(full), kept)
    with pytest.raises(LakeError, match="not empty"):
        backup(places_of(full), tmp_path / "files")
    with pytest.raises(LakeError, match="give a folder outside"):
        backup(places_of(full), full / "releases" / "kept")
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / JOURNAL).write_text('{"lake": "another"}\n')
    with pytest.raises(LakeError, match="another lake"):
        backup(places_of(full), tmp_path / "begun")


@pytest.mark.parametrize("damage", ["changed", "missing", "outside"])
def test_a_damaged_backup_makes_no_lake(full, tmp_path, damage):
    kept, home = tmp_path / "kept", tmp_path / "home"
    made = backup(places_of(full), kept)
    path = kept / next(f.path for f in made.files if f.path.endswith(".parquet"))
    if damage == "changed":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "missing":
        path.unlink()
    else:
        about = json.loads((kept / MANIFEST).read_text())
        about["files"][0]["path"] = "home/../../stolen"
        (kept / MANIFEST).write_text(json.dumps(about))
    with pytest.raises(LakeError, match={"changed": "damaged", "missing": "missing"}.get(damage, "outside")):
        restore(places_of(home), kept)
    assert not places_of(home).catalog_file.exists() and not (tmp_path / "stolen").exists()
    with pytest.raises(LakeError):
        LakeStore(places_of(home).catalog, places_of(home).data_path, create=False).snapshot_id()


def test_a_file_that_changes_while_it_is_copied_is_copied_again(full, tmp_path, monkeypatch):
    home = tmp_path / "home"
    copied_lake(full / CATALOG, home / "lake")
    (home / "note").write_text("first")
    copy = copied_files.copy
    changes = iter(["second", "third and last"])

    def changing(source: Path, target: Path) -> str:
        digest = copy(source, target)
        if source.name == "note" and (text := next(changes, None)):
            source.write_text(text)
        return digest

    monkeypatch.setattr(copied_files, "copy", changing)
    backup(places_of(home), tmp_path / "kept")
    assert (tmp_path / "kept" / "home" / "note").read_text() == "third and last"


def test_the_catalog_of_a_backup_lists_no_file_for_removal(full, tmp_path):
    backup(places_of(full), tmp_path / "kept")
    with sqlite3.connect(tmp_path / "kept" / CATALOG) as catalog:
        assert catalog.execute("SELECT count(*) FROM ducklake_files_scheduled_for_deletion").fetchone() == (0,)
    catalog.close()
