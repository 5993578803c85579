"""Crash matrix: kill -9 at random moments of a small whole run, in each of its processes in turn; what is left of it?

Run `python -m benchmarks.crashes [--kills 50] [--images 8] [--seed 1]`. One installation is left alone, another is
killed again and again and then finished; releases, samples, policies with their weights, predictions and scores of both
are compared, and so is what was paid. The victims: the run itself, a training rank, the engine, the teacher, a decoder.
Where another process than the run dies, the run may mend it or fail in one line; either is let go on to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from resources.lake.store import LakeStore
from wethink_assets.settings import PROJECT_ROOT

# A victim by a mark in its command line, that of no other; the run itself is the process that was started.
VICTIMS = {
    "run": "",
    "training rank": "wethink_assets.training.",
    "engine": "vllm_cpu/serve.py",
    "teacher": "demo.teacher",
    "decoder": "wethink_assets.decoding.worker",
}
CLEAN_S = 10.0  # by then nothing of a killed run may be left
FINAL_S = 3_600.0
SETTINGS = 'home = "{home}"\n[training]\nsteps = {steps}\nwarm_start_steps = 20\ncheckpoint_every = 4\n'
STATE = {
    "releases": "SELECT release_id, rows FROM releases ORDER BY ALL",
    "samples": "SELECT count(*) AS rows, count(DISTINCT sample_id) AS ids FROM samples",
    "policies": "SELECT policy_id, weights_sha256 FROM policies ORDER BY ALL",
    "predictions": "SELECT count(*) AS rows, count(DISTINCT (policy_id, benchmark, item)) AS ids FROM predictions",
    "scores": "SELECT policy_id, benchmark, metric, value FROM scores ORDER BY ALL",
}


@dataclass
class Kill:
    """One kill: whom and when, how long something of the run was left, how a run ended that was not killed itself."""

    victim: str
    after_s: float
    clean_s: float
    left: list[str]
    ended: int | None

    @property
    def line(self) -> str:
        how = "killed" if self.ended is None else f"ended with status {self.ended}"
        left = f"; LEFT: {', '.join(self.left)}" if self.left else ""
        return f"{self.victim:<14} {self.after_s:5.0f} s  run {how}, clean after {self.clean_s:.1f} s{left}"


class Installation:
    """A home of its own with short training, and runs of the whole graph in it."""

    def __init__(self, folder: Path, images: int, steps: int) -> None:
        self.home, self._images = folder / "home", images
        folder.mkdir()
        self._config = folder / "settings.toml"
        self._config.write_text(SETTINGS.format(home=self.home, steps=steps), "utf-8")
        self.log = folder / "log"

    def start(self) -> subprocess.Popen[bytes]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DAGSTER_HOME", "WETHINK_HOME")}
        argv = [sys.executable, "-m", "wethink_assets.cli.main", "demo", "--images", str(self._images)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                argv,
                cwd=PROJECT_ROOT,
                env=kept | {"WETHINK_CONFIG": str(self._config)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def whole(self) -> float:
        """Seconds of a run to its end."""
        began, process = time.monotonic(), self.start()
        try:
            status = process.wait(FINAL_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise SystemExit(f"the run did not end within {FINAL_S:g} s: see {self.log}") from None
        if status:
            raise SystemExit(f"the run failed: see {self.log}")
        return time.monotonic() - began

    def state(self) -> dict[str, Any]:
        """What must not depend on kills, and the calls that were paid."""
        lake = LakeStore(f"sqlite:{self.home}/lake/catalog.sqlite", f"{self.home}/lake/data", create=False)
        found = {name: lake.sql(text).to_dicts() for name, text in STATE.items()}
        found["calls"] = lake.sql("SELECT count(*) AS calls, sum(attempts)::INT AS requests FROM calls").to_dicts()
        lake.close()
        return found

    def processes(self) -> list[psutil.Process]:
        """Living processes that name this home in their command line or environment."""
        found = []
        for process in psutil.process_iter():
            try:
                names = " ".join(process.cmdline()), process.environ().get("WETHINK_CONFIG", "")
                dead = process.status() == psutil.STATUS_ZOMBIE
            except psutil.Error:
                continue
            if (
                not dead
                and process.pid != os.getpid()
                and (str(self.home) in names[0] or names[1] == str(self._config))
            ):
                found.append(process)
        return found


def kill_once(place: Installation, victim: str, after_s: float) -> Kill | None:
    """Start a run, kill the victim after so many seconds, or as soon as it is there; None where it never was."""
    process, began = place.start(), time.monotonic()
    mark = VICTIMS[victim]
    while process.poll() is None:
        ready = time.monotonic() - began >= after_s
        found = [process.pid] if not mark else _with_mark(process.pid, mark)
        if ready and found:
            os.kill(random.choice(found), signal.SIGKILL)
            break
        time.sleep(0.1)
    else:
        return None
    at = time.monotonic() - began
    status = process.wait(FINAL_S)
    began = time.monotonic()
    while (left := place.processes()) and time.monotonic() - began < CLEAN_S:
        psutil.wait_procs(left, timeout=0.2)
    left = place.processes()
    return Kill(victim, at, time.monotonic() - began, [_named(p) for p in left], status if mark else None)


def _with_mark(root: int, mark: str) -> list[int]:
    try:
        children = psutil.Process(root).children(recursive=True)
    except psutil.Error:
        return []
    return [p.pid for p in children if mark in _named(p) and "supervise.py" not in _named(p)]


def _named(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:200]
    except psutil.Error:
        return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random.seed(given.seed)
    with tempfile.TemporaryDirectory(prefix="wethink-crashes-") as folder:
        undisturbed = Installation(Path(folder) / "undisturbed", given.images, given.steps)
        took = undisturbed.whole()
        print(f"undisturbed: {took:.0f} s", flush=True)
        place = Installation(Path(folder) / "killed", given.images, given.steps)
        dirty = 0
        for number in range(given.kills):
            victim = list(VICTIMS)[number % len(VICTIMS)]
            kill = kill_once(place, victim, random.uniform(1, took * 0.9))
            dirty += bool(kill and kill.left)
            print(f"{number + 1:3} {kill.line if kill else f'{victim:<14} was not there: the run ended'}", flush=True)
        print(f"finished in {place.whole():.0f} s")
        wanted, got = undisturbed.state(), place.state()
        paid = [state.pop("calls")[0] for state in (wanted, got)]
        print(f"calls undisturbed {json.dumps(paid[0])}, killed {json.dumps(paid[1])}")
        different = [name for name in wanted if wanted[name] != got[name]]
        print("same results" if not different else f"DIFFERENT: {', '.join(different)}")
        return bool(different or dirty)


if __name__ == "__main__":
    sys.exit(main())
