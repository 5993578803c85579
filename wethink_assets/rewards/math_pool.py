"""math-verify behind a limit that holds: worker processes that are killed when they overrun.

Belongs here: starting, asking, killing and replacing workers; remembering answers. Does not belong here:
what is asked (verifier.py). Works from any thread and in forked children; nothing starts before the first question.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from resources.workers.environment import child_environment

LIMIT_S = 2.0  # of the worker's own CPU time, so that a verdict does not depend on how busy the machine is
WALL_FACTOR = 5.0  # a worker that waits for something else is killed too, later
START_LIMIT_S = 120.0
MAX_WORKERS = 2
QUESTIONS_PER_WORKER = 2_000  # sympy's caches grow: a fresh process now and then keeps memory bounded
MEMORY = 20_000

EQUAL, DIFFERENT, GOLD, REPLY, TIMEOUT, ERROR = "equal", "different", "gold", "reply", "timeout", "error"


# What one verdict has used so far: a list of many slow formulas has the limit of one formula.
_SPENT: ContextVar[float | None] = ContextVar("spent", default=None)


@contextmanager
def one_verdict() -> Iterator[None]:
    """Questions asked within share one limit."""
    token = _SPENT.set(0.0)
    try:
        yield
    finally:
        _SPENT.reset(token)


class _Worker:
    def __init__(self) -> None:
        self.asked = 0
        self.spent = 0.0  # CPU time of the last question
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("math_worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.buffer = b""
        if self._line(START_LIMIT_S) != b"READY":
            self.kill()
            raise OSError("math-verify's process did not start")

    def ask(self, gold: str, reply: str, limit: float) -> str:
        """One of the answers above.

        After TIMEOUT or ERROR the worker is dead: its own timer, or this process, killed it.
        """
        self.asked += 1
        self.spent = limit
        try:
            line = (
                json.dumps({"gold": gold, "reply": reply, "limit": limit, "wall": limit * WALL_FACTOR}).encode() + b"\n"
            )
            self.stdin.write(line)
            self.stdin.flush()
            answer = self._line(limit * WALL_FACTOR)
        except (OSError, ValueError):
            answer = b""
        if not answer:
            timed_out = answer is None
            self.kill(patience=0.0 if timed_out else 1.0)
            return TIMEOUT if timed_out or self.process.returncode == -signal.SIGPROF else ERROR
        outcome = json.loads(answer)
        self.spent = outcome["spent"]
        if "equal" in outcome:
            return EQUAL if outcome["equal"] else DIFFERENT
        if outcome["problem"] in (GOLD, REPLY):
            return outcome["problem"]
        if outcome["problem"] == "memory":
            self.kill()
        return ERROR

    def _line(self, limit: float) -> bytes | None:
        """The next line; None when the limit passed, b"" when the process ended."""
        until = time.monotonic() + limit
        descriptor = self.stdout.fileno()
        while b"\n" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                return None
            chunk = os.read(descriptor, 65_536)
            if not chunk:
                return b""
            self.buffer += chunk
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.strip()

    @property
    def usable(self) -> bool:
        return self.process.poll() is None and self.asked < QUESTIONS_PER_WORKER

    def kill(self, patience: float = 0.0) -> None:
        """End the process. `patience`: seconds in which it may end by itself, so that its exit status says why."""
        if patience:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.process.kill()
        self.process.wait()
        for stream in (self.stdin, self.stdout):
            with suppress(OSError):
                stream.close()


class MathPool:
    """At most `workers` processes; further threads wait for a free one."""

    def __init__(self, workers: int = MAX_WORKERS, limit: float = LIMIT_S) -> None:
        self.limit = limit
        self._count = workers
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._slots = threading.Semaphore(self._count)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()

    def check(self, gold: str, reply: str) -> str:
        """Whether math-verify finds the two equal: equal, different, gold or reply (no mathematics), timeout, error.

        Within `one_verdict` the limit is what earlier questions have left of it.
        """
        if self._pid != os.getpid():
            self._reset()  # a forked child has its parent's pipes: it must not talk through them
        key = (gold, reply)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        spent = _SPENT.get()
        limit = self.limit - (spent or 0.0)
        if limit <= 0:
            return TIMEOUT
        with self._slots:
            try:
                worker = self._take()
            except OSError:
                return ERROR
            answer = worker.ask(gold, reply, limit)
            if spent is not None:
                _SPENT.set(spent + worker.spent)
            self._give(worker)
        if answer not in (TIMEOUT, ERROR):
            with self._lock:
                self._known[key] = answer
                if len(self._known) > MEMORY:
                    self._known.popitem(last=False)
        return answer

    def _take(self) -> _Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.usable:
                    return worker
                self._all.discard(worker)
                worker.kill()
        worker = _Worker()
        with self._lock:
            self._all.add(worker)
        return worker

    def _give(self, worker: _Worker) -> None:
        with self._lock:
            if worker.usable:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
                worker.kill()

    def close(self) -> None:
        """Kill all workers; the pool starts new ones when asked again."""
        if self._pid != os.getpid():
            return
        with self._lock:
            for worker in self._all:
                worker.kill()
            self._all.clear()
            self._idle.clear()


POOL = MathPool()
atexit.register(POOL.close)
