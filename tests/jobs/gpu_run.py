"""A run in a process of its own: `python -m tests.jobs.gpu_run FOLDER`, in the Dagster instance of FOLDER/dagster.

Its only step is in the pool `gpu`; it makes FOLDER/started and goes on once there is FOLDER/go.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import dagster as dg

from jobs.executor import one_process_executor


@dg.op(pool="gpu")
def use_gpu() -> None:
    folder = Path(os.environ["GPU_RUN"])
    (folder / "started").touch()
    while not (folder / "go").exists():
        time.sleep(0.05)


@dg.job(executor_def=one_process_executor)
def gpu_job() -> None:
    use_gpu()


def run_here(folder: Path) -> dg.JobExecutionResult:
    os.environ["GPU_RUN"] = str(folder)
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        return dg.execute_job(dg.reconstructable(gpu_job), instance)


if __name__ == "__main__":
    sys.exit(not run_here(Path(sys.argv[1])).success)
