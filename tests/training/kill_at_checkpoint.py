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
def killed_at_checkpoint(home: Path, kind: str = "rl") -> Iterator[None]:
    """Within it, a policy of a kind that is trained below `home` does not get further than checkpoint 2."""
    over = threading.Event()
    thread = threading.Thread(target=_kill_worker, args=[home, kind, over], daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _kill_worker(home: Path, kind: str, over: threading.Event) -> None:
    """The processes are found before the checkpoint is there, so that the kill comes at once."""
    pids: list[int] = []
    while not any(map(sealed_by, home.glob(f"policies/{kind}-*.work/checkpoints/checkpoint-2"))):
        pids = pids or _workers("grpo_worker" if kind == "rl" else f"{kind}_worker")
        if over.wait(0.01):
            return
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _workers(module: str) -> list[int]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            line = " ".join(child.cmdline())
            if module in line and "supervise" not in line:
                found.append(child.pid)
    return found
