"""Materialises the RL policy and kills the worker with SIGKILL as soon as its first checkpoint is complete."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil

from tests.training.installation import materialize, settings
from wethink_assets.training.assets import training_assets


def kill_worker(home: Path) -> None:
    """The processes are found before the checkpoint is there, so that the kill comes at once."""
    pids: list[int] = []
    while not any(p.is_file() for p in home.glob("policies/rl-*.work/checkpoints/checkpoint-2/trainer_state.json")):
        pids = pids or workers()
        time.sleep(0.01)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def workers() -> list[int]:
    children = [(p.pid, " ".join(p.cmdline())) for p in psutil.Process().children(recursive=True)]
    return [pid for pid, line in children if "grpo_worker" in line and "supervise" not in line]


if __name__ == "__main__":
    home = Path(sys.argv[1])
    threading.Thread(target=kill_worker, args=[home], daemon=True).start()
    result = materialize(settings(home), training_assets()[1:])
    raise SystemExit(0 if result.success else 7)
