"""Kills the training workers of this process with SIGKILL as soon as their first checkpoint is complete."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from wethink_assets.training.checkpoints import sealed_by


@contextmanager
def killed_at_checkpoint(home: Path) -> Iterator[None]:
    """Within it, what trains below `home` does not get further than checkpoint 2."""
    over = threading.Event()
    thread = threading.Thread(target=_kill_worker, args=[home, over], daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _kill_worker(home: Path, over: threading.Event) -> None:
    """The processes are found before the checkpoint is there, so that the kill comes at once."""
    pids: list[int] = []
    while not any(map(sealed_by, home.glob("policies/rl-*.work/checkpoints/checkpoint-2"))):
        pids = pids or _workers()
        if over.wait(0.01):
            return
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _workers() -> list[int]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            line = " ".join(child.cmdline())
            if "grpo_worker" in line and "supervise" not in line:
                found.append(child.pid)
    return found
