"""Callbacks of the trainer: when it logs and saves, what is written, watched and kept.

Belongs here: the trainer's side. Does not belong here: the step log (step_log.py), the seal of a checkpoint
(checkpoints.py), anything that decides what is learned. Never imported by assets: it imports transformers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wethink_assets.training.checkpoints import keep_newest, seal, without_places
from wethink_assets.training.job import Job
from wethink_assets.training.step_log import StepLog
from wethink_assets.training.throughput import peak_of

GIB = 1 << 30


def progress(job: Job, pipes: Any, path: Path, parameters: int, processes: int, mark: str = "reward") -> Any:
    """Every logged step, known by the metric `mark`, goes to the step log."""
    import torch
    from transformers import TrainerCallback

    peak = peak_of(torch.cuda.get_device_name()) if torch.cuda.is_available() else None
    more = {"parameters": parameters, "processes": processes, "peak": peak, "mark": mark}
    log = StepLog(job, pipes, path, memory=_memory_gib, **more)

    class Progress(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            log.begin(state.global_step, float(state.num_input_tokens_seen))

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            log.logged(state.global_step, logs or {})

    return Progress()


def no_last_checkpoint() -> Any:
    """No checkpoint of the last step, which would take the place of the one before it: the policy is saved next."""
    from transformers import TrainerCallback

    class NoLastCheckpoint(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
            if state.global_step >= state.max_steps:
                control.should_save = False
            return control

    return NoLastCheckpoint()


def sealed_checkpoints(process: int, processes: int, kept: int) -> Any:
    """Seals a checkpoint once every process has written its part, and only then drops older ones."""
    import torch
    from transformers import TrainerCallback

    class Sealed(TrainerCallback):
        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if processes > 1:
                torch.distributed.barrier()
            if process == 0:
                folder = Path(args.output_dir)
                without_places(folder / f"checkpoint-{state.global_step}")
                seal(folder / f"checkpoint-{state.global_step}", processes)
                keep_newest(folder, kept)

    return Sealed()


def _memory_gib() -> float:
    """The most memory that this process held: of its GPU, or of main memory on a CPU."""
    import resource

    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / GIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB
