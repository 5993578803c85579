"""math-verify in processes that are killed at the limit, and a pool that survives it."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from wethink_assets.rewards import math_pool
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.math_pool import DIFFERENT, EQUAL, TIMEOUT, MathPool
from wethink_assets.rewards.verifier import Verdict, verify

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pool():
    pool = MathPool()
    yield pool
    pool.close()


def test_decides_what_is_not_simple(pool):
    assert pool.check("(x+1)^2", "x^2+2x+1") == EQUAL
    assert pool.check("(x+1)^2", "x^2+2x+2") == DIFFERENT


@pytest.mark.long
def test_an_endless_power_is_killed_at_the_limit_and_the_pool_goes_on(pool):
    """The limit is CPU time of the worker: the same work is allowed on a busy machine as on an idle one."""
    pool.check("x", "x")  # started
    (worker,) = pool._all
    before = psutil.Process(worker.process.pid).cpu_times()
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert pool.check("2", "9^{9^{9^9}}") == TIMEOUT
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - waited.ru_utime - waited.ru_stime
    assert 1.8 < spent - before.user - before.system < 2.5
    assert not psutil.pid_exists(worker.process.pid)
    assert pool.check("a+b", "b+a") == EQUAL
    assert len(pool._all) <= math_pool.MAX_WORKERS


def test_a_worker_that_sleeps_is_killed_by_the_clock(pool, monkeypatch):
    """What waits uses no CPU time; the parent's clock ends it."""
    pool.check("x", "x")
    for worker in pool._all:
        worker.process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(pool, "limit", 0.1)
    assert pool.check("s+1", "1+s") == TIMEOUT
    monkeypatch.undo()
    assert pool.check("s+1", "1+s") == EQUAL


def test_memoised(pool, monkeypatch):
    """An equal question is not asked again; a time-out is, since another machine state may decide it."""
    asked = []
    ask = math_pool._Worker.ask
    monkeypatch.setattr(math_pool._Worker, "ask", lambda self, *a: asked.append(a[:2]) or ask(self, *a))
    assert [pool.check("m+1", "1+m") for _ in range(5)] == [EQUAL] * 5
    assert asked == [("m+1", "1+m")]


def test_a_list_of_slow_formulas_has_the_limit_of_one(monkeypatch):
    """Whatever a reply's length, math-verify's processes get no more CPU time for it than is promised."""
    allowed = []

    def ask(self, gold, reply, limit):
        allowed.append(limit)
        self.spent = min(0.75, limit)
        return DIFFERENT if limit > 0.75 else TIMEOUT

    monkeypatch.setattr(math_pool._Worker, "ask", ask)
    gold = type_answer("{" + ", ".join(f"{i}^x+x^{i}" for i in range(2, 9)) + "}", category="FIB")
    reply = "{" + ", ".join(f"{i}^x-x^{i}" for i in range(2, 9)) + "}"
    assert verify(gold, reply, extracted=True) is Verdict.TIMEOUT
    assert allowed == [2.0, 1.25, 0.5]
    assert verify(gold, reply, extracted=True) is Verdict.TIMEOUT  # a verdict begins with the whole limit again
    assert allowed[3] in (1.25, 2.0)


def test_a_worker_that_dies_is_an_error_and_is_replaced(pool):
    pool.check("x", "x")
    for worker in list(pool._all):
        worker.process.kill()
        worker.process.wait()
    assert pool.check("c+d", "d+c") == EQUAL


def test_threads_share_it(pool):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda i: pool.check(f"x+{i}", f"{i}+x"), range(40)))
    assert set(answers) == {EQUAL}
    assert len(pool._all) <= math_pool.MAX_WORKERS


def test_simple_answers_never_start_it():
    code = (
        "from wethink_assets.rewards.gold_types import type_answer as t\n"
        "from wethink_assets.rewards.verifier import verify as v\n"
        "from wethink_assets.rewards import math_pool\n"
        "import sys\n"
        "for g, r in [('5','5.0'),('2\\\\sqrt{3}','√12'),('14 cm','14 m'),('red','blue'),('[1,2]','1 and 2'),"
        "('(1, 2]','1<x<=2'),('1/2^99','1/2^98')]:\n"
        "    v(t(g, category='FIB'), r, extracted=True)\n"
        "assert not math_pool.POOL._all\n"
        "assert not {'torch','math_verify','sympy','dagster','transformers'} & set(sys.modules), 'heavy import'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)


def test_workers_end_with_their_parent():
    code = (
        "from wethink_assets.rewards.math_pool import POOL\nimport os, signal\nPOOL.check('x','x')\n"
        "print(next(iter(POOL._all)).process.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    worker = int(ended.stdout)
    with suppress(psutil.NoSuchProcess):
        psutil.Process(worker).wait(timeout=10)
    assert not psutil.pid_exists(worker) or psutil.Process(worker).status() == psutil.STATUS_ZOMBIE


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_opens_its_own(pool):
    pool.check("x", "x")
    before = {w.process.pid for w in pool._all}
    pid = os.fork()
    if pid == 0:
        ok = pool.check("q+1", "1+q") == EQUAL and not before & {w.process.pid for w in pool._all}
        for worker in pool._all:
            worker.kill()
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert pool.check("r+1", "1+r") == EQUAL
