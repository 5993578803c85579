"""A command and all that it starts (process tree): its output, its highest memory, and CPU time of helpers set aside.

Belongs here: watching processes by /proc. Does not belong here: what is measured.
"""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """How a command ended. `peak_mb`: proportional set size of its tree, in which a shared page counts once.

    Processes whose command line holds the mark of `watch` count in neither; `aside_cpu_s` is their CPU time.
    """

    out: str = ""
    errors: str = ""
    peak_mb: float = 0.0
    aside_cpu_s: float = 0.0


def watch(argv: Sequence[str], folder: Path, *, aside: str = "") -> Watched:
    """Run a command in a folder and look at its tree five times a second."""
    seen, done = Watched(), threading.Event()
    cpu: dict[int, float] = {}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):

        def look() -> None:
            while not done.wait(EVERY_S):
                seen.peak_mb = max(seen.peak_mb, _tree_mb(process.pid, aside, cpu))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            seen.out, _ = process.communicate()
        finally:
            done.set()
            watcher.join()
        errors.seek(0)
        seen.errors, seen.aside_cpu_s = errors.read(), sum(cpu.values())
    return seen


def _tree_mb(pid: int, aside: str, cpu: dict[int, float]) -> float:
    total = 0.0
    try:
        if aside and aside.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
            cpu[pid] = sum(map(int, fields[11:13])) / _TICKS
            return 0.0
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
        total += int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))) / 1024
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children = (thread / "children").read_text("utf-8").split()
            total += sum(_tree_mb(int(child), aside, cpu) for child in children)
    except (OSError, StopIteration):  # it has just ended
        pass
    return total


def machine() -> str:
    """Cores, processor and load, as a page of results names them."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{os.cpu_count()} cores of {name or platform.machine()}, load {os.getloadavg()[2]:.1f}"
