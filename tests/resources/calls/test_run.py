"""Calls under way while something outside happens: an interrupted caller, several threads, a full disk."""

from __future__ import annotations

import gc
import threading
import time

import pytest

from resources.calls.background import YOUNG_OBJECTS
from resources.calls.messages import CallsError
from tests.resources.calls.asking import ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, completion


class Interrupted(BaseException):
    """As Dagster's own interruption: not an Exception."""


@pytest.mark.parametrize("kind", [Interrupted, KeyboardInterrupt])
def test_an_interrupted_caller_keeps_what_is_done_and_stops_soon(stub, engine_of, lake, kind):
    stub.behave = lambda call: Act(completion(), delay_s=0.0 if len(stub.calls) <= 25 else 60)
    raised = []

    def log(line: str) -> None:
        raised.append(time.monotonic())
        raise kind

    engine = engine_of(stub.base_url, timeout_s=100)
    with pytest.raises(kind):
        run(engine, [ask(f"q{i}") for i in range(100)], log=log)
    assert time.monotonic() - raised[0] < 5
    kept = len(ledger(lake))
    assert kept == 25
    (row,) = lake.store.sql("SELECT asked, paid, reused FROM call_reuse").to_dicts()
    assert row == {"asked": 25, "paid": 25, "reused": 0}
    stub.behave = lambda call: Act(completion())
    before = len(stub.calls)
    replies = run(engine, [ask(f"q{i}") for i in range(100)], "run2")
    assert all(r.ok for r in replies) and len(stub.calls) - before == 75


def test_garbage_is_looked_for_seldom_while_calls_are_under_way_and_as_usual_afterwards(stub, engine_of):
    usual, seen = gc.get_threshold(), []
    stub.behave = lambda call: seen.append(gc.get_threshold()) or Act(completion(), delay_s=0.05)
    engine = engine_of(stub.base_url)
    threads = [threading.Thread(target=run, args=(engine, [ask(f"{n} {i}") for i in range(5)])) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {t[0] for t in seen} == {YOUNG_OBJECTS} and gc.get_threshold() == usual

    def log(line: str) -> None:
        raise Interrupted

    stub.behave = lambda call: Act(completion(), delay_s=60)
    with pytest.raises(Interrupted):
        run(engine, [ask("never")], log=log)
    assert gc.get_threshold() == usual


def test_an_image_that_never_comes_holds_no_interrupted_caller_and_no_exit(stub, engine_of, images):
    """A bucket that hangs: the thread that reads it is left alone, and the interpreter does not wait for it."""
    reading, release = threading.Event(), threading.Event()

    def hang(image_id: str) -> bytes:
        reading.set()
        release.wait(60)
        raise OSError("gone")

    def log(line: str) -> None:
        if reading.is_set():
            raise Interrupted

    images.bytes = hang
    with pytest.raises(Interrupted):
        run(engine_of(stub.base_url), [ask(f"q{i}", image_ids=("0" * 64,)) for i in range(4)], log=log)
    left = [t for t in threading.enumerate() if t.name == "sent-images"]
    assert left and all(t.daemon for t in left) and stub.calls == []
    release.set()
    for thread in left:
        thread.join(10)
    assert not any(t.is_alive() for t in left), "they end once they can"


def test_calls_from_several_threads_share_one_engine(stub, engine_of, lake):
    engine = engine_of(stub.base_url)
    results: dict[int, list] = {}

    def work(n: int) -> None:
        results[n] = engine.run([ask(f"t{n} {i}") for i in range(20)], asset=f"a{n}", batch="", run_id="r")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(r.ok for n in range(4) for r in results[n]) and len(ledger(lake)) == 80
    assert lake.store.sql("SELECT sum(asked) AS n FROM call_reuse")["n"][0] == 80


def test_calls_wait_for_a_writer_that_is_behind(stub, engine_of, lake, monkeypatch):
    monkeypatch.setattr("resources.calls.ledger.MOST_WAITING", 10)
    engine, write, released, more = engine_of(stub.base_url, concurrency=4), lake.write, threading.Event(), []

    def slow(*arguments):
        while len(stub.calls) < 10:
            released.wait(0.01)
        released.wait(0.5)  # time for calls that do not wait
        more.append(len(stub.calls))
        released.set()
        return write(*arguments)

    monkeypatch.setattr(type(lake), "write", lambda self, *arguments: slow(*arguments))
    assert all(r.ok for r in run(engine, [ask(f"q{i}") for i in range(60)]))
    assert 10 <= more[0] <= 10 + 4 and len(ledger(lake)) == 60


def test_a_full_disk_stops_paying_and_the_next_run_goes_on(stub, engine_of, lake, monkeypatch):
    engine = engine_of(stub.base_url, concurrency=2)
    stub.behave = lambda call: Act(completion(), delay_s=0.05)
    real = engine.ledger._store

    class Full:
        rows = real.rows

        def write(self, *_):
            raise OSError(28, "No space left on device")

    engine.ledger._store = Full()
    with pytest.raises(CallsError, match=r"ledger cannot be written.*No space left"):
        run(engine, [ask(f"q{i}") for i in range(500)])
    assert len(stub.calls) < 200, "no call is paid for that cannot be kept"
    engine.ledger._store = real
    asked = len(stub.calls)
    stub.behave = lambda call: Act(completion())
    replies = run(engine, [ask(f"q{i}") for i in range(500)], "run2")
    assert all(r.ok for r in replies) and len(ledger(lake)) == 500
    assert len(stub.calls) - asked <= 500
