"""The call ledger: durable in groups while calls go on, and nothing durable is asked again, not even after kill -9."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from resources.calls.ledger import GROUP_SECONDS, CallContext, CallLedger, Reuse, reply_of
from resources.calls.messages import CallsError
from resources.lake.resource import Commit, LakeError, LakeStore, Write
from resources.workers.processes import end_process_group, start_process
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import fresh_lake
from tests.resources.calls.asking import CALLER, ledger_row
from tests.resources.calls.calls_worker import engine_on, requests_of


def count(lake) -> int:
    return int(lake.store.sql("SELECT count(*) AS n FROM calls")["n"][0])


def wait_for_rows(lake, expected: int, seconds: float) -> float:
    """Seconds until another connection sees the rows."""
    started = time.monotonic()
    woken = threading.Event()
    while count(lake) < expected and time.monotonic() - started < seconds:
        woken.wait(0.02)
    return time.monotonic() - started


@pytest.fixture
def own_lake(tmp_path):
    """One that no other test wrote to: what was deleted since counts as rows in the catalog."""
    store = LakeStore(*fresh_lake(tmp_path))
    yield store
    store.close()


def test_a_row_becomes_durable_without_a_flush(lake):
    """Within 2 s: a wait for company, and a commit, which benchmarks/call_ledger.py measures."""
    count(lake)
    ledger = CallLedger(lake)
    ledger.add(CALLER, ledger_row(1))
    assert GROUP_SECONDS <= 1 and wait_for_rows(lake, 1, 60) < 60
    ledger.close()


def test_a_full_group_does_not_wait(lake, monkeypatch):
    monkeypatch.setattr("resources.calls.ledger.GROUP_SECONDS", 60.0)
    monkeypatch.setattr("resources.calls.ledger.GROUP_ROWS", 500)
    count(lake)
    ledger = CallLedger(lake)
    started = time.monotonic()
    for n in range(500):
        ledger.add(CallContext("a full group", "b", "r"), ledger_row(n))
    assert time.monotonic() - started < 0.5, "adding never waits for a commit"
    wait_for_rows(lake, 500, 10)
    assert count(lake) == 500
    snapshots = lake.store.sql("SELECT count(*) AS n FROM lake.snapshots() WHERE commit_message LIKE 'a full group%'")[
        "n"
    ][0]
    assert snapshots <= 2, "one commit, or one for the rows that came first"
    ledger.close()


def test_flush_and_close_leave_nothing_waiting(lake):
    ledger = CallLedger(lake)
    for n in range(3):
        ledger.add(CALLER, ledger_row(n))
    assert ledger.flush() and count(lake) == 3 and ledger.flush()
    ledger.add(CALLER, ledger_row(3))
    ledger.close()
    assert count(lake) == 4
    ledger.add(CALLER, ledger_row(4))  # and it can be used again
    assert ledger.flush() and count(lake) == 5


def test_the_first_of_equal_calls_stays(lake):
    ledger = CallLedger(lake)
    ledger.add(CALLER, ledger_row(1, reply="first"))
    ledger.add(CALLER, ledger_row(1, reply="second"))
    ledger.flush()
    ledger.add(CALLER, ledger_row(1, reply="third"))
    ledger.flush()
    assert ledger.find(["id000001", "unknown"])["id000001"]["reply"] == "first" and count(lake) == 1


def test_a_row_found_again_is_the_same_reply(lake):
    ledger = CallLedger(lake)
    fresh = ledger_row(1, parsed='{"a": [1, "é"]}', reasoning="so", error=None, cost=0.25)
    ledger.add(CALLER, fresh)
    ledger.flush()
    reply = reply_of(ledger.find(["id000001"])["id000001"], reused=False)
    assert reply == reply_of(fresh, reused=False) and reply.parsed == {"a": [1, "é"]}


def test_small_commits_move_to_files_once_they_are_many(own_lake, monkeypatch):
    """Rows in the catalog are read one by one at every commit and look-up; another process's rows count as well."""
    monkeypatch.setattr("resources.calls.compaction.INLINED_ROWS", 5)
    lake = own_lake
    lake.write(Commit("an earlier process"), [Write("calls", [ledger_row(n) for n in range(3)])])
    ledger = CallLedger(lake)
    lying = []
    for n in range(3, 11):
        ledger.add(CALLER, ledger_row(n))
        ledger.flush()
        ledger.close()  # the thread's last work is the move
        lying.append(lake.inlined_rows("calls"))
    assert lying == [4, 0, 1, 2, 3, 4, 0, 1]
    assert ledger.find([f"id{n:06d}" for n in range(12)]).keys() == {f"id{n:06d}" for n in range(11)}


def test_groups_become_files_and_files_are_merged_once_they_are_many(own_lake, monkeypatch):
    """Rows in the catalog cost a commit five times the CPU of rows in a file; each file costs a look-up an opening."""
    monkeypatch.setattr("resources.calls.compaction.INLINED_GROUP", 2)
    monkeypatch.setattr("resources.calls.compaction.SMALL_FILES", 3)
    lake, files = own_lake, []
    ledger = CallLedger(lake)
    for n in range(0, 18, 3):
        for row in range(n, n + 3):
            ledger.add(CALLER, ledger_row(row))
        ledger.flush()
        ledger.close()
        files.append(lake.small_files("calls"))
    assert files == [1, 2, 1, 2, 3, 1] and lake.inlined_rows("calls") == 0
    for row in (18, 19):
        ledger.add(CALLER, ledger_row(row))
    ledger.flush()
    ledger.close()
    assert lake.inlined_rows("calls") == 2, "a small group lies in the catalog"
    assert ledger.known([f"id{n:06d}" for n in range(30)]) == {f"id{n:06d}" for n in range(20)}


def test_the_limit_of_rows_in_the_catalog_is_set_once(lake):
    option = "data_inlining_row_limit"
    for limit in (7, 7, 8):
        lake.set_inlined_limit("calls", limit)
        assert lake.rows("lake/find_table_option", table="calls", option=option) == [{"value": str(limit)}]
        lake.set_inlined_limit("materializations", 5)


def test_rows_that_no_frame_takes_are_told_by_their_column(lake):
    ledger = CallLedger(lake)
    ledger.add(CALLER, ledger_row(1, attempts="many"))
    with pytest.raises(CallsError, match="column attempts is INTEGER"):
        ledger.flush()
    ledger._waiting = []


def test_rows_that_cannot_be_moved_stay_durable(lake, monkeypatch):
    monkeypatch.setattr("resources.calls.compaction.INLINED_ROWS", 1)
    monkeypatch.setattr(type(lake), "flush_inlined", lambda *_: (_ for _ in ()).throw(LakeError("the disk is full")))
    ledger = CallLedger(lake)
    for n in range(2):
        ledger.add(CALLER, ledger_row(n))
        assert ledger.flush()
    ledger.close()
    assert count(lake) == 2


def test_a_slow_commit_shortens_the_wait_for_company(lake):
    ledger = CallLedger(lake)
    waits = []
    for seconds in (0.0, 0.9, 5.0):
        ledger._commit_s = seconds
        waits.append(ledger._patience())
    assert waits == pytest.approx([GROUP_SECONDS, 0.2, 0.0]), (
        "one that takes twice as long still ends within two seconds"
    )


def test_rows_that_waited_behind_a_slow_commit_go_before_the_catalog_is_tidied(lake, monkeypatch):
    """The move follows once no row waits, or once too much was put off."""
    monkeypatch.setattr("resources.calls.compaction.INLINED_ROWS", 8)
    ledger = CallLedger(lake)
    looked = []
    monkeypatch.setattr(type(lake), "inlined_rows", lambda *_: looked.append(ledger._compaction.uncounted) or 0)
    ledger._commit_s, ledger._oldest = 0.9, time.monotonic()
    ledger._waiting = [(CALLER, ledger_row(1))]
    ledger._tidy(4)
    assert not looked
    ledger._commit_s = 0.1
    ledger._tidy(1)  # commits are quick: there is time
    assert looked == [5] and ledger._compaction.uncounted == 0
    ledger._commit_s, ledger._compaction._inlined = 0.9, None
    ledger._tidy(5)
    ledger._tidy(5)
    assert looked == [5, 10]
    ledger._waiting = []


class Failing:
    """A lake whose disk is full."""

    def __init__(self, lake) -> None:
        self.broken, self.catalog, self.data_path = True, lake.catalog, lake.data_path
        self.rows, self.in_snapshot, self._write = lake.rows, lake.in_snapshot, lake.write

    def write(self, *a):
        if self.broken:
            raise OSError(28, "No space left on device")
        return self._write(*a)


def test_a_failed_commit_is_told_once_and_its_rows_stay(lake):
    store = Failing(lake)
    ledger = CallLedger(store)
    ledger.add(CALLER, ledger_row(1))
    ledger.count(CALLER, Reuse(1, 1, 0, 0.0))
    with pytest.raises(CallsError, match="No space left"):
        ledger.flush()
    store.broken = False
    assert ledger.flush() and count(lake) == 1
    assert lake.store.sql("SELECT asked FROM call_reuse")["asked"].to_list() == [1]
    ledger.close()


def test_a_call_that_ends_after_a_failed_commit_is_kept(lake):
    """It was under way and is paid; being told of the disk must not cost it. And the writer goes on by itself."""
    store = Failing(lake)
    ledger = CallLedger(store)
    ledger.add(CALLER, ledger_row(1))
    told: list[CallsError] = []
    _wait_until(lambda: ledger._problem is not None, 30)
    for n in (2, 3):
        try:
            ledger.add(CALLER, ledger_row(n))
        except CallsError as error:
            told.append(error)
            store.broken = False
    assert len(told) == 1
    assert wait_for_rows(lake, 3, 60) < 60 and count(lake) == 3
    ledger.close()


def test_counts_go_on_where_another_process_stopped(lake):
    for _ in range(2):
        ledger = CallLedger(lake)
        ledger.count(CALLER, Reuse(3, 2, 1, 0.5))
        ledger.flush()
        ledger.close()
    assert lake.store.sql("SELECT asked, paid, reused, saved FROM call_reuse").rows() == [(6, 4, 2, 1.0)]


@pytest.mark.long
def test_kill_9_in_mid_run_repeats_nothing_that_was_durable(tmp_path):
    """A real worker is killed twice; a server in another process wrote down what it was asked."""
    total, served = 320, tmp_path / "served.txt"
    server = start_process(
        [sys.executable, "-m", "tests.resources.calls.stub_endpoint", str(served), "0.1"],
        None,
        tmp_path / "stub.log",
        PROJECT_ROOT,
        stdout=subprocess.PIPE,
    )
    base_url = f"http://127.0.0.1:{int(server.stdout.readline().split()[1])}/v1"
    store = LakeStore(*fresh_lake(tmp_path / "lake"))
    asked_before: list[str] = []
    for attempt in (1, 2):
        durable, served_before = _durable(store), len(asked_before)
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.resources.calls.calls_worker",
                str(tmp_path),
                base_url,
                str(total),
                str(attempt),
            ],
            cwd=PROJECT_ROOT,
        )
        _wait_until(lambda before=served_before: len(_lines(served)) > before)  # to look into the lake costs more
        _wait_until(lambda durable=durable: len(_durable(store)) > len(durable))
        served_then = len(_lines(served))
        _wait_until(lambda before=served_then: len(_lines(served)) > before + 20)
        assert worker.poll() is None, "killed in mid-run, not after it"
        worker.kill()
        worker.wait()
        asked_now = _lines(served)[len(asked_before) :]
        assert not set(asked_now) & durable, "a durable reply was asked again"
        assert durable < _durable(store) <= {*asked_before, *asked_now}
        asked_before += asked_now
    durable_ids = {r["call_id"] for r in store.sql("SELECT call_id FROM calls").to_dicts()}
    engine = engine_on(tmp_path, base_url)
    replies = engine.run(requests_of(total), asset="a", batch="b", run_id="run-3")
    engine.close()
    assert [r.text for r in replies] == [f"reply to request {i}" for i in range(total)]
    assert {r.call_id for r in replies if r.reused} == durable_ids and durable_ids
    asked = Counter(_lines(served))
    assert len(asked) == total
    assert sum(asked.values()) - total <= 2 * (8 + 2 * 80), "in flight, and those of two seconds not yet durable"
    store.close()
    end_process_group(server, 1)


def _lines(path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _durable(store: LakeStore) -> set[str]:
    return {r["reply"].removeprefix("reply to ") for r in store.sql("SELECT reply FROM calls").to_dicts()}


def _wait_until(condition: Callable[[], bool], seconds: float = 180) -> None:
    deadline, woken = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        woken.wait(0.05)
