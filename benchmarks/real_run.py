"""How far do real samples come, from `wethink init` to a release, with a model that thinks and without a hand?

Run `python -m benchmarks.real_run FOLDER [--batches 2] [--thinks 800] [--keep FOLDER]`, where FOLDER holds samples of
real data. Every step is the command that a user types, in a process of its own; the endpoint is
`benchmarks.stub_models`. Prints the commands, rows per stage with the reasons of those that stopped, calls, the peak
memory of each command with all its children, and seconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batches", type=int, default=2)
    parser.add_argument("--thinks", type=float, default=800)
    parser.add_argument("--keep", type=Path, help="work here, and leave it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = (chosen.keep or Path(scratch)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        stub = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stub_models", "--thinks", str(chosen.thinks)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert stub.stdout is not None
            url = stub.stdout.readline().strip()
            return _all(chosen.folder, work, url, chosen.batches)
        finally:
            stub.kill()
            stub.wait()


def _all(folder: Path, work: Path, url: str, batches: int) -> int:
    config = work / "wethink.toml"
    steps = [
        ["init", str(folder), "--output", str(config), "--force", "--endpoint", url, "--model", "stub", "--thinking"],
        ["doctor"],
        ["sources", "check"],
        ["endpoints", "check"],
        *[["run", "--part", "data", "--batch", "new"]] * batches,
        ["run", "--part", "release"],
        ["batches"],
        ["release", "list"],
    ]
    for step in steps:
        code = _step(step, config, work)
        if code and step[0] == "run":
            return code
    return 0


def _step(step: list[str], config: Path, work: Path) -> int:
    environment = {**os.environ, "WETHINK_CONFIG": str(config), "COLUMNS": "200"}
    environment |= {"WETHINK_HOME": str(work / "wethink-home"), "DAGSTER_HOME": str(work / "wethink-home/dagster")}
    print(f"\n$ wethink {' '.join(step)}", flush=True)
    began = time.monotonic()
    log = work / f"{'-'.join(step[:1] + [s for s in step[1:] if s.isalpha()][:3])}.log"
    with log.open("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "wethink_assets.cli.main", *step], env=environment, stdout=output, stderr=output
        )
        peak: list[int] = [0]
        watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
        watcher.start()
        code = process.wait()
        watcher.join()
        output.seek(0)
        lines = output.read().splitlines()
    kept = [line for line in lines if " - DEBUG - " not in line and " - INFO - " not in line]
    print("\n".join(kept[-70:]))
    print(f"[exit {code}, {time.monotonic() - began:.0f} s, peak {peak[0] >> 20:,} MiB with its children]", flush=True)
    return code


def _watch(pid: int, peak: list[int]) -> None:
    """Sum of the private and shared-out memory (PSS) of a process and its children, four times a second."""
    try:
        parent = psutil.Process(pid)
        while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in [parent, *parent.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except (psutil.Error, OSError):
                    continue
            peak[0] = max(peak[0], total)
            time.sleep(0.25)
    except psutil.Error:
        return


if __name__ == "__main__":
    sys.exit(main())
