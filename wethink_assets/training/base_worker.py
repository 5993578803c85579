"""The process that makes the demo's base policy.

Belongs here: one job: create, warm-start, save. Does not belong here: what is learned (warm_start.py).
Started as `python -m wethink_assets.training.base_worker JOB_FILE`. Never imported by assets: it imports torch.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.job import STEPS, Job
from wethink_assets.training.worker import join_ranks, reporting, weights_finite, worker_main


def main(path: str) -> None:
    job = Job.read(path)
    training = TrainingSettings.model_validate(job.training)
    with reporting() as pipes:
        from wethink_assets.training.warm_start import make_base

        started, cpu, told = time.monotonic(), time.process_time(), time.monotonic()
        rank, ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if ranks > 1:
            join_ranks(cuda=False)
        policy_folder = job.work / "made"
        if rank == 0:
            shutil.rmtree(policy_folder, ignore_errors=True)
            policy_folder.mkdir(parents=True)

        def report(step: int, loss: float) -> None:
            nonlocal told
            if rank == 0 and (time.monotonic() - told >= 2.0 or step == training.warm_start_steps):
                told = time.monotonic()
                eta = (told - started) / step * (training.warm_start_steps - step)
                pipes.progress(step=step, steps=training.warm_start_steps, eta_s=round(eta), loss=loss)

        steps = training.warm_start_steps
        done = make_base(policy_folder, seed=training.seed, steps=steps, report=report, rank=rank, ranks=ranks)
        if rank != 0:
            return
        losses = done.pop("losses")
        lines = [json.dumps({"step": i + 1, "metrics": {"loss": loss}}) + "\n" for i, loss in enumerate(losses)]
        (policy_folder / STEPS).write_text("".join(lines), "utf-8")
        job.finish(
            policy_folder,
            {
                **done,
                "processes": ranks,
                "finite": weights_finite(policy_folder),
                "seconds": time.monotonic() - started,
                "cpu_seconds": time.process_time() - cpu,
            },
        )
        pipes.log(f"{job.policy_id} is complete: {done['parameters']:,} parameters, {len(losses)} steps")


if __name__ == "__main__":
    worker_main(main, sys.argv)
