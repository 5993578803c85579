"""Parallel drawing: the files of a pack in worker processes, a chunk of places at a time, with bounded memory.

Belongs here: jobs and their processes. Does not belong here: what a job draws (plan.py, benchmarks/).

Workers know only (seed, batches, source, positions): the plan is recomputed there. They end with their parent, also
when it is killed.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from wethink_assets.demo.pack.benchmarks.figures import SETS
from wethink_assets.demo.pack.benchmarks.tsv import write_set
from wethink_assets.demo.pack.encode import picture_bytes
from wethink_assets.demo.pack.plan import Plan
from wethink_assets.demo.pack.scene import scene_to_dict

CHUNK = 16


@dataclass(frozen=True)
class Progress:
    """How far a generation is: images done and wanted (benchmarks' too), images per second, seconds left."""

    done: int
    total: int
    rate: float
    eta_s: float


@dataclass(frozen=True)
class Job:
    """Positions `start` to `stop` of a source, or the whole benchmark set `name`."""

    root: str
    seed: int
    batches: tuple[int, ...]
    name: str
    start: int = 0
    stop: int = 0


@dataclass(frozen=True)
class Drawn:
    """JSON lines of the truth that a job brought, and how many images it wrote."""

    job: Job
    images: int
    truth: list[str]


@lru_cache(maxsize=4)
def _plan(seed: int, batches: tuple[int, ...]) -> Plan:
    return Plan(seed, batches)


def run_job(job: Job) -> Drawn:
    root = Path(job.root)
    if job.stop == 0:
        rows = write_set(root / "benchmarks", job.seed, job.name)
        return Drawn(job, SETS[job.name].figures, [_line(r) for r in rows])
    plan, truth = _plan(job.seed, job.batches), []
    for position in range(job.start, job.stop):
        picture = plan.picture(job.name, position)
        data = picture_bytes(plan, job.name, position)
        path = root / "sources" / picture.uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if picture.plant is None or picture.plant.kind != "unreadable":
            truth.append(
                _line(
                    {
                        "image_id": hashlib.sha256(data).hexdigest(),
                        "image_uri": picture.uri,
                        "source": job.name,
                        "scene": scene_to_dict(picture.scene),
                    }
                )
            )
    return Drawn(job, job.stop - job.start, truth)


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def run_jobs(jobs: list[Job], workers: int, progress: Callable[[Progress], None] | None) -> Iterator[Drawn]:
    """Results in the order of the jobs; at most four jobs per worker are under way or waiting."""
    started, done = time.monotonic(), 0
    total = sum(j.stop - j.start if j.stop else SETS[j.name].figures for j in jobs)
    for drawn in map(run_job, jobs) if workers < 2 else _in_processes(jobs, workers):
        done += drawn.images
        if progress is not None:
            rate = done / max(time.monotonic() - started, 1e-6)
            progress(Progress(done, total, rate, (total - done) / rate))
        yield drawn


def _in_processes(jobs: list[Job], workers: int) -> Iterator[Drawn]:
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _end_with_parent, (os.getpid(),)) as pool:
        waiting: deque[Future[Drawn]] = deque()
        for job in jobs:
            waiting.append(pool.submit(run_job, job))
            if len(waiting) >= 4 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _end_with_parent(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)
