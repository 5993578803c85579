"""The index of call ids: at every moment what a scan of the lake would give, and no scan for it."""

from __future__ import annotations

import errno
import random
import shutil
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import pytest

from resources.calls import id_index
from resources.calls.id_index import IdIndex
from resources.calls.ledger import CallLedger
from resources.lake.connection import Snapshot
from resources.lake.maintenance import maintain
from resources.lake.store import Commit, LakeStore, Write
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import fresh_lake
from tests.resources.calls.asking import CALLER, ledger_row


@pytest.fixture(autouse=True)
def _indexed(monkeypatch):
    """However few calls there are."""
    monkeypatch.setattr(id_index, "SMALL", -1)


@pytest.fixture
def store(tmp_path):
    store = LakeStore(*fresh_lake(tmp_path / "lake"))
    store.set_inlined_limit("calls", 5)
    yield store
    store.close()


@pytest.fixture
def statements(monkeypatch) -> list[str]:
    """Names of the statements that are run."""
    names: list[str] = []
    for method in ("rows", "arrays"):
        run = getattr(Snapshot, method)
        monkeypatch.setattr(Snapshot, method, lambda s, n, _run=run, **p: (names.append(n), _run(s, n, **p))[1])
    return names


WORKER = "tests.resources.calls.index_worker"
SCANS = {"calls/find_calls", "calls/find_call_ids"}


def put(store: LakeStore, *numbers: int, **values: object) -> None:
    rows = [ledger_row(n, parsed=f'{{"é": {n}}}', **values) for n in numbers]
    store.write(Commit("test"), [Write("calls", rows, mode="add_missing")])


def ids_of(*numbers: int) -> list[str]:
    return [f"id{n:06d}" for n in numbers]


def scanned(store: LakeStore, ids: list[str]) -> dict[str, dict[str, object]]:
    return {row["call_id"]: row for row in store.rows("calls/find_calls", ids=ids)}


@pytest.mark.long
def test_what_is_found_is_what_a_scan_finds_whatever_becomes_of_the_lake(store, tmp_path, monkeypatch):
    """Small and large commits, moves to files, merges, deletions and maintenance, by this process and another."""
    for name, value in {"KEPT_ROWS": 30, "FAN_OUT": 3, "PORTION": 20_000, "YOUNG_ROWS": 20}.items():
        monkeypatch.setattr(id_index, name, value)
    draw, root, top = random.Random(7), tmp_path / "index", 0
    with closing(LakeStore(store.catalog, store.data_path)) as other:
        indexes = [IdIndex(store, root), IdIndex(other, root)]

        def delete() -> None:
            with store.connection() as con:
                con.execute("DELETE FROM calls WHERE call_id = $id", {"id": ids_of(draw.randrange(top))[0]})

        def maintained() -> None:
            maintain(store, keep_days=0, cleanup_after_s=0)

        changes = [
            *(lambda: store.flush_inlined("calls"), lambda: store.merge_files("calls"), maintained, delete),
            lambda: put(other, *range(top - draw.choice((1, 3, 40)), top)),
            lambda: put(store, *range(top - draw.choice((1, 3, 40)), top)),
        ]
        for step in range(12):
            top += 40
            draw.choice(changes if step > 2 else changes[-2:])()
            asked = ids_of(*draw.sample(range(-50, top), 60), *range(top - 40, top))
            expected = scanned(store, asked)
            for index in [*indexes, IdIndex(store, root)] if step % 6 == 5 else indexes:
                # Within a transaction: nothing falls back on a scan.
                assert index._store.in_snapshot(lambda s, i=index, ids=asked: i.find_in(s, ids)) == expected, step
                assert index._store.in_snapshot(lambda s, i=index, ids=asked: i.known_in(s, ids)) == expected.keys()
        assert 0 < len(list(root.rglob("*.ids"))) < 12 and not list(root.rglob("*.part"))


def test_no_look_up_scans(store, statements, tmp_path):
    put(store, *range(200))
    put(store, *range(200, 203))
    ids, index = ids_of(*range(210)), IdIndex(store, tmp_path)
    assert len(index.find(ids)) == 203 and len(index.known(ids)) == 203 and not SCANS & {*statements}
    statements.clear()
    assert index.known(ids_of(*range(500, 600))) == set() and index.find(ids_of(777)) == {}
    assert statements == ["calls/find_snapshot"] * 2, "what is not there is known from memory"


def test_calls_of_nearly_all_files_are_read_by_one_scan(store, statements, monkeypatch):
    monkeypatch.setattr(id_index, "MOST_PIECES", 2)
    for first in range(0, 40, 10):
        put(store, *range(first, first + 10))
    index = IdIndex(store)
    assert len(index.find(ids_of(3, 13, 23, 33))) == 4 and statements.count("calls/find_calls") == 1
    assert len(index.find(ids_of(3, 13))) == 2 and statements.count("calls/find_calls") == 1


def test_a_commit_of_the_ledger_scans_nothing_and_keeps_the_first(store, statements, tmp_path):
    put(store, *range(20))
    ledger = CallLedger(store, tmp_path)
    for n in range(15, 25):
        ledger.add(CALLER, ledger_row(n, reply="second"))
    ledger.flush()
    for n in range(15, 25):
        ledger.add(CALLER, ledger_row(n, reply="third"))
    ledger.flush()
    ledger.close()
    assert not SCANS & {*statements}
    replies = store.sql("SELECT call_id, reply FROM calls ORDER BY call_id")["reply"].to_list()
    assert replies == [*(f"reply {n}" for n in range(20)), *["second"] * 5]


@pytest.mark.long
def test_processes_that_commit_the_same_calls_at_once_write_each_once(store, tmp_path):
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", WORKER, store.catalog, store.data_path, str(tmp_path / "index"), name],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    index = IdIndex(store, tmp_path / "index")
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    while any(worker.poll() is None for worker in workers):
        with suppress(subprocess.TimeoutExpired):
            workers[0].wait(0.1)
        known = index.known(ids_of(*range(300)))
        assert known <= set(ids_of(*range(210))) and known <= scanned(store, ids_of(*range(300))).keys()
    assert [worker.wait() for worker in workers] == [0, 0]
    assert store.sql("SELECT count(*) AS n, count(DISTINCT call_id) AS d FROM calls").rows() == [(210, 210)]
    assert index.known(ids_of(*range(300))) == set(ids_of(*range(210)))


def test_a_deleted_call_is_not_found_and_can_come_again(store):
    put(store, *range(30))
    put(store, *range(30, 33))
    index = IdIndex(store)
    assert len(index.known(ids_of(*range(40)))) == 33
    with store.connection() as con:
        con.execute("DELETE FROM calls WHERE call_id IN ('id000007', 'id000031')")
    gone = set(ids_of(7, 31))
    assert index.known(ids_of(*range(40))) == set(ids_of(*range(33))) - gone and not index.find([*gone])
    ledger = CallLedger(store)
    ledger.add(CALLER, ledger_row(7, reply="again"))
    ledger.flush()
    ledger.close()
    assert index.find(ids_of(7))["id000007"]["reply"] == "again"


def test_an_older_catalog_put_back_is_not_mixed_up_with_what_came_after_it(store, tmp_path):
    put(store, *range(50))
    index = IdIndex(store, tmp_path / "index")
    index.known(["x"])
    store.close()
    kept = tmp_path / "kept.sqlite"
    path = Path(store.catalog.removeprefix("sqlite:"))
    shutil.copy(path, kept)
    put(store, *range(50, 100))
    assert len(IdIndex(store, tmp_path / "index").known(ids_of(*range(200)))) == 100
    store.close()
    shutil.copy(kept, path)
    put(store, *range(100, 150))
    expected = set(ids_of(*range(50), *range(100, 150)))
    assert index.known(ids_of(*range(200))) == expected
    assert IdIndex(store, tmp_path / "index").find(ids_of(*range(200))).keys() == expected


@pytest.mark.parametrize("content", [b"", b"WTCALLS1 and no more", b"WTCALLS9" * 100])
def test_a_broken_index_is_read_anew(store, tmp_path, monkeypatch, content):
    monkeypatch.setattr(id_index, "KEPT_ROWS", 10)
    put(store, *range(50))
    IdIndex(store, tmp_path).known(["x"])
    (kept,) = tmp_path.rglob("*.ids")
    kept.write_bytes(content)
    assert IdIndex(store, tmp_path).known(ids_of(*range(60))) == set(ids_of(*range(50)))
    assert len(list(tmp_path.rglob("*.ids"))) == 2


def test_a_second_process_reads_the_index_and_not_the_files(store, statements, tmp_path, monkeypatch):
    monkeypatch.setattr(id_index, "KEPT_ROWS", 10)
    put(store, *range(50))
    IdIndex(store, tmp_path).known(["x"])
    assert "calls/select_ids_of_files" in statements
    statements.clear()
    assert IdIndex(store, tmp_path).known(ids_of(3)) == set(ids_of(3))
    assert "calls/select_ids_of_files" not in statements


def test_an_index_that_cannot_be_written_is_kept_in_memory(store, tmp_path, monkeypatch):
    monkeypatch.setattr(id_index, "KEPT_ROWS", 10)
    put(store, *range(50))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(id_index, "save", full)
    index = IdIndex(store, tmp_path / "index")
    assert index.known(ids_of(*range(60))) == set(ids_of(*range(50)))
    put(store, *range(50, 80))
    assert index.known(ids_of(*range(100))) == set(ids_of(*range(80))) and not list(tmp_path.rglob("*.ids"))


def test_files_that_cannot_be_read_alone_are_read_by_a_scan(store, monkeypatch):
    """As those that maintenance removes while they are looked at, or of a schema that lacks a column."""
    put(store, *range(50))
    index = IdIndex(store)
    pieces = id_index._pieces
    monkeypatch.setattr(id_index, "_pieces", lambda *a: (("/nowhere.parquet", *rest) for _, *rest in pieces(*a)))
    assert index.find(ids_of(*range(60))) == scanned(store, ids_of(*range(60)))


def test_a_lake_that_moves_between_two_statements_is_looked_at_again(store, monkeypatch):
    put(store, *range(50))
    index, run, left = IdIndex(store), Snapshot.rows, [2]

    def moving(snapshot, name, **parameters):
        rows = run(snapshot, name, **parameters)
        if name == "calls/find_lake_state" and left[0]:
            left[0] -= 1
            return [{**rows[0], "latest": rows[0]["latest"] + 1}]
        return rows

    monkeypatch.setattr(Snapshot, "rows", moving)
    assert index.known(ids_of(3, 99)) == set(ids_of(3)) and not left[0]
    left[0] = 100
    assert IdIndex(store).known(ids_of(3, 99)) == set(ids_of(3)), "by a scan, where it never stands still"
    assert store.in_snapshot(lambda s: index.present_in(s, ids_of(3, 99))) == set(ids_of(3))


def test_an_error_of_the_disk_reaches_the_caller(store, monkeypatch):
    put(store, *range(10))
    monkeypatch.setattr(store, "in_snapshot", lambda _: (_ for _ in ()).throw(duckdb.IOException("gone")))
    with pytest.raises(duckdb.IOException, match="gone"):
        IdIndex(store).find(ids_of(1))


def test_few_calls_are_scanned(store, statements, monkeypatch):
    monkeypatch.setattr(id_index, "SMALL", 60)
    monkeypatch.setattr(id_index, "SCANS", 3)
    put(store, *range(30))
    index = IdIndex(store)
    for first in (30, 50, 70, 90, 110):
        put(store, *range(first, first + 20))
        assert index.known(ids_of(*range(200))) == set(ids_of(*range(first + 20)))
    assert statements.count("calls/find_lake_state") == 2 and statements.count("calls/find_call_ids") == 4
    assert "calls/select_files" in statements
