"""Many processes on one lake: nothing lost, nothing doubled, no error reaches a caller."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import duckdb
import pytest

from resources.calls import id_index
from resources.calls.id_index import IdIndex
from resources.lake.catalog import extension
from resources.lake.commit_lock import step_lock
from resources.lake.store import Commit, LakeStore, Write
from tests.fresh_lakes import fresh_lake
from tests.resources.calls.asking import ledger_row
from tests.resources.lake import lake_worker
from tests.resources.lake.lake_worker import ROWS, apart
from tests.resources.lake.postgres import postgres_server

WRITERS, READERS, COMMITS, READS = 8, 4, 2, 4


@pytest.fixture(scope="module")
def forks():
    """Processes of their own, forked of one that has imported everything: a twelfth of the start-up of twelve."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.resources.lake.lake_worker"])
    return context


def _storm(forks, catalog: str, data: str, tmp_path: Path) -> None:
    store = LakeStore(catalog, data)
    store.snapshot_id()
    store.close()
    jobs = [("writer", COMMITS)] * WRITERS + [("reader", READS)] * READERS
    error_logs = [tmp_path / f"errors-{i}.txt" for i in range(len(jobs))]
    processes = [
        forks.Process(target=apart, args=(str(error_logs[i]), role, catalog, data, f"{role}{i}", count))
        for i, (role, count) in enumerate(jobs)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
    failed = [path.read_text() for process, path in zip(processes, error_logs, strict=True) if process.exitcode != 0]
    assert not failed, failed[0]
    counts = store.sql("SELECT batch, count(*) AS n, count(DISTINCT subject_id) AS d FROM verdicts GROUP BY batch")
    assert counts.height == WRITERS * COMMITS
    assert set(counts["n"]) == {ROWS} and set(counts["d"]) == {ROWS}
    store.close()


def test_sqlite_catalog_with_8_writers_and_4_readers(forks, tmp_path):
    _storm(forks, *fresh_lake(tmp_path), tmp_path)


@pytest.mark.long
def test_a_killed_writer_leaves_a_whole_lake_and_a_free_lock(forks, tmp_path):
    catalog, data = fresh_lake(tmp_path)
    store = LakeStore(catalog, data)
    start = store.snapshot_id()
    writer = forks.Process(target=apart, args=(str(tmp_path / "errors.txt"), "writer", catalog, data, "w", 10_000))
    writer.start()
    while store.snapshot_id() < start + 5:
        assert writer.is_alive(), (tmp_path / "errors.txt").read_text()
    writer.kill()
    writer.join()
    counts = store.sql("SELECT batch, count(*) AS n FROM verdicts GROUP BY batch")
    assert counts.height >= 3 and set(counts["n"]) == {ROWS}
    lake_worker.main("writer", catalog, data, "w", 3)
    store.close()


@pytest.fixture(scope="module")
def postgres():
    with postgres_server() as server:
        server.create("lake")
        yield server.catalog()


@pytest.mark.long
def test_postgres_catalog_with_8_writers_and_4_readers(forks, postgres, tmp_path, monkeypatch):
    monkeypatch.setattr(id_index, "SMALL", -1)
    _storm(forks, postgres, f"{tmp_path}/data", tmp_path)
    store = LakeStore(postgres, f"{tmp_path}/data")
    store.write(Commit("calls"), [Write("calls", [ledger_row(n, reply=f"é {n}") for n in range(6)])])
    lying = [store.inlined_rows("calls")]
    _look_up(store)
    store.flush_inlined("calls")
    lying.append(store.inlined_rows("calls"))
    _look_up(store)
    assert lying == [6, 0] and store.sql("SELECT count(*) AS n FROM calls")["n"][0] == 6
    store.close()


def _look_up(store: LakeStore) -> None:
    """By the index of ids, and in one transaction, so that no scan helps it."""
    index = IdIndex(store)
    ids = [f"id{n:06d}" for n in range(9)]
    found = store.in_snapshot(lambda snapshot: index.find_in(snapshot, ids))
    assert {i: row["reply"] for i, row in found.items()} == {f"id{n:06d}": f"é {n}" for n in range(6)}
    assert store.in_snapshot(lambda snapshot: index.known_in(snapshot, ids)) == found.keys()


@pytest.mark.long
def test_a_step_holds_its_lock_on_postgres_for_as_long_as_it_takes(postgres):
    """In no transaction, which the server may end for idling and which would keep it from cleaning its tables."""
    admin = duckdb.connect()
    admin.execute(f"LOAD '{extension('postgres_scanner')}'")
    admin.execute(f"ATTACH '{postgres.removeprefix('postgres:')}' AS pg (TYPE postgres)")

    def asked(text: str) -> list[tuple]:
        return admin.execute("FROM postgres_query('pg', $text)", {"text": text}).fetchall()

    others = "SELECT state, backend_xmin IS NULL FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    entered = threading.Event()

    def second() -> None:
        with step_lock(postgres, "images"):
            entered.set()

    admin.execute("CALL postgres_execute('pg', 'ALTER DATABASE lake SET idle_in_transaction_session_timeout = 1')")
    with step_lock(postgres, "images"):
        assert ("idle", True) in asked(others)
        waiting = threading.Thread(target=second)
        waiting.start()
        with step_lock(postgres, "descriptions b1"):
            assert not entered.is_set()
        while not asked("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            assert waiting.is_alive()
    waiting.join(30)
    assert entered.is_set()
    admin.execute("CALL postgres_execute('pg', 'ALTER DATABASE lake RESET idle_in_transaction_session_timeout')")
    admin.close()
