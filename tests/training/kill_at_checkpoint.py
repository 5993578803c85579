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
from wethink_assets.training.assets import rl_policy


def kill_worker(home: Path) -> None:
    while not any(p.is_file() for p in home.glob("policies/rl-*.work/checkpoints/checkpoint-2/trainer_state.json")):
        time.sleep(0.01)
    for process in psutil.Process().children(recursive=True):
        if any("grpo_worker" in part for part in process.cmdline()) and "supervise" not in " ".join(process.cmdline()):
            os.kill(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    home = Path(sys.argv[1])
    threading.Thread(target=kill_worker, args=[home], daemon=True).start()
    result = materialize(settings(home), [rl_policy])
    raise SystemExit(0 if result.success else 7)
