"""Cursors of a lake that are used again: alone in its thread, its process and its transaction; extensions of it."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from resources.lake import catalog
from resources.lake.store import LakeError, LakeStore
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import fresh_lake


def test_a_cursor_is_used_again_and_never_by_two_at_a_time(lake):
    with lake.store.connection() as first:
        pass
    with lake.store.connection() as again, lake.store.connection() as other:
        assert again is first and other is not first
    both = threading.Barrier(2)
    used = []

    def use():
        with lake.store.connection() as con:
            both.wait(10)
            used.append((con, con.execute("SELECT count(*) FROM verdicts").fetchall()))
            both.wait(10)

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [count for _, count in used] == [[(0,)]] * 2 and used[0][0] is not used[1][0]


def test_times_are_utc_wherever_the_machine_is(tmp_path):
    script = (
        "import sys; from resources.lake.store import LakeStore\n"
        "lake = LakeStore(*sys.argv[1:])\n"
        "print(lake.sql(\"SELECT current_setting('TimeZone') AS zone\")['zone'][0])"
    )
    argv = [sys.executable, "-c", script, *fresh_lake(tmp_path)]
    zone = subprocess.run(
        argv, env={**os.environ, "TZ": "Asia/Tokyo"}, cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert zone.stdout.strip() == "UTC", zone.stderr


def test_one_that_ended_in_an_error_is_not_used_again(lake):
    with suppress(KeyError), lake.store.connection() as broken:
        broken.begin()
        broken.execute("DELETE FROM verdicts")
        raise KeyError
    with lake.store.connection() as con:
        assert con is not broken
        con.begin()  # there is no transaction of another's
        con.rollback()
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        broken.execute("SELECT 1")


def test_after_a_close_and_in_a_child_the_lake_is_opened_anew(lake):
    with lake.store.connection() as first:
        pass
    lake.store.close()
    with lake.store.connection() as second:
        assert second is not first and second.execute("SELECT count(*) FROM verdicts").fetchall() == [(0,)]
        lake.store.close()  # by another thread, while it is in use
    with lake.store.connection() as third:
        assert third is not second
    fork = multiprocessing.get_context("fork")
    reader, writer = fork.Pipe(duplex=False)
    child = fork.Process(target=_uses_another, args=(lake.store, id(third), writer))
    child.start()
    assert reader.poll(60) and reader.recv() == [True, [(0,)]]
    child.join(60)
    assert child.exitcode == 0
    with lake.store.connection() as con:
        assert con is third and con.execute("SELECT count(*) FROM verdicts").fetchall() == [(0,)]


def _uses_another(store: LakeStore, of_the_parent: int, writer) -> None:
    with store.connection() as con:
        writer.send([id(con) != of_the_parent, con.execute("SELECT count(*) FROM verdicts").fetchall()])


def test_the_signature_of_an_extension_is_checked_once_per_process_and_file(lake, tmp_path, monkeypatch):
    """An extension of the same name that nobody signed is refused, also by a process that has loaded the signed one."""
    good = catalog.extension("sqlite_scanner")
    with lake.store.connection() as con:
        assert con.execute("SELECT count(*) FROM verdicts").fetchall() == [(0,)]
    forged = tmp_path / Path(good).name
    forged.write_bytes(Path(good).read_bytes()[:-256] + bytes(256))  # the last 256 bytes are the signature
    found = catalog.extension
    monkeypatch.setattr(catalog, "extension", lambda name: str(forged) if name == "sqlite_scanner" else found(name))
    another = LakeStore(lake.store.catalog, lake.store.data_path)
    with pytest.raises(LakeError, match="signature"):
        another.snapshot_id()
    monkeypatch.undo()
    assert another.snapshot_id() == lake.snapshot_id()
    another.close()
