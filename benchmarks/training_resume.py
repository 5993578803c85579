"""Exact resume of GRPO: kill -9 at random moments, also within the write of a checkpoint; is the end the same?

Run `python -m benchmarks.training_resume [--kills 6] [--ranks 1 2] [--seed 1]`. The demo's tiny policy learns twelve
steps over six rows, so that a resume falls into a later pass over the rows. One run is left alone; another is killed,
one rank or all of them, and started again until it ends. Compared are the metrics of every step, every completion with
its reward, and the weights. A kill comes at a random step, or when a random number of a checkpoint's files is there.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
import psutil

from benchmarks.grpo_control import ROOT, draw_rows, make
from resources.workers.launcher import worker_command, worker_environment
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.job import ROLLOUTS, STEPS, Job, read_lines, read_manifest
from wethink_assets.training.throughput import OF_THE_CLOCK

WORKER = "wethink_assets.training.grpo_worker"


def training(seed: int) -> TrainingSettings:
    return TrainingSettings(
        warm_start_steps=30,
        steps=12,
        prompts_per_step=3,
        group_size=4,
        checkpoint_every=2,
        flat_groups="resample",
        seed=seed,
        processes=1,
    )


def start(job: Job, home: Path, ranks: int) -> subprocess.Popen[bytes]:
    meeting = Path(tempfile.mkdtemp(dir=home))
    with (home / "log.txt").open("ab") as log:
        return subprocess.Popen(
            worker_command(WORKER, [str(job.work / "job.json")], ranks),
            env=worker_environment(home, meeting, processes=ranks, threads=1),
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def ranks_of(process: subprocess.Popen[bytes]) -> list[int]:
    tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return [p.pid for p in tree if WORKER in " ".join(p.cmdline()) and "ranks.py" not in " ".join(p.cmdline())]


def kill_somewhere(job: Job, process: subprocess.Popen[bytes], draw: random.Random, done: int) -> str:
    """Kill one rank or all at a random moment after step `done`; returns what was done."""
    where = draw.choice(["step", "checkpoint"])
    step = draw.randint(done + 1, 11)
    if where == "checkpoint":
        step += step % 2 or 0
        step = min(step, 10)
    files = draw.randint(1, 14)
    folder = job.work / "checkpoints" / f"checkpoint-{step}"
    while process.poll() is None:
        if where == "step" and sum(1 for _ in read_lines(job.work / STEPS)) >= step:
            time.sleep(draw.random() / 4)
            break
        if where == "checkpoint" and folder.is_dir() and sum(1 for p in folder.rglob("*") if p.is_file()) >= files:
            break
        time.sleep(0.001 if where == "checkpoint" else 0.02)
    else:
        return "ended before"
    pids = ranks_of(process)
    one = draw.random() < 0.5 and len(pids) > 1
    for pid in [draw.choice(pids)] if one else pids:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    at = f"{files} files of checkpoint {step}" if where == "checkpoint" else f"step {step}"
    return f"{'one rank' if one else 'all ranks'} at {at}"


def difference(one: Path, other: Path) -> tuple[float, list[str]]:
    """The largest relative difference of any metric of any step, and what else differs."""
    worst, wrong = 0.0, []
    for a, b in zip(read_lines(one / STEPS), read_lines(other / STEPS), strict=True):
        if a["step"] != b["step"] or a["metrics"].keys() != b["metrics"].keys():
            wrong.append(f"step {a['step']} against {b['step']}")
            continue
        for name, x in a["metrics"].items():
            y = b["metrics"][name]
            if name in OF_THE_CLOCK or x == y:
                continue
            far = math.inf if x is None or y is None else abs(x - y) / max(1.0, abs(x))
            worst = max(worst, far)
    columns = ["step", "sample_id", "member", "completion", "reward"]
    both = [pl.read_parquet(folder / ROLLOUTS).select(columns) for folder in (one, other)]
    if not both[0].equals(both[1]):
        wrong.append("rollouts differ")
    if weights(one) != weights(other):
        wrong.append("weights differ")
    return worst, wrong


def weights(folder: Path) -> Any:
    return (read_manifest(folder) or {}).get("weights_sha256")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw, settings = random.Random(options.seed), training(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rows = draw_rows(home / "images", 3, 20_000_000)
        base = str(make(home, "base", "base", settings))
        for ranks in options.ranks:
            own = settings.model_copy(update={"processes": ranks})
            whole = make(home, f"rl-whole-{ranks}", "rl", own, base, rows)
            kills = 0
            while kills < options.kills:
                job = Job(f"rl-{ranks}-{kills}", "rl", str(home / "policies"), own.model_dump(mode="json"), base)
                whole_job = Job(whole.name, "rl", str(home / "policies"), own.model_dump(mode="json"), base)
                source = home / f"{whole.name}.arrow"
                job.write(source)
                told, done = [], 0
                for _ in range(2):  # killed twice, then let go
                    told.append(kill_somewhere(job, start(job, home, ranks), draw, done))
                    kills += told[-1] != "ended before"
                    done = min(9, sum(1 for _ in read_lines(job.work / STEPS)))
                if start(job, home, ranks).wait():
                    raise SystemExit(f"it does not start again after {told}: see {home / 'log.txt'}\n" + tail(home))
                worst, wrong = difference(whole_job.folder, job.folder)
                resumed = (read_manifest(job.folder) or {})["resumed_after"]
                print(
                    json.dumps(
                        {"ranks": ranks, "killed": told, "resumed_after": resumed, "worst": worst, "wrong": wrong}
                    ),
                    flush=True,
                )


def tail(home: Path) -> str:
    return "\n".join((home / "log.txt").read_text("utf-8", "replace").splitlines()[-25:])


if __name__ == "__main__":
    main()
