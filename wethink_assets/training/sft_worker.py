"""The process that fine-tunes a policy on a release's reasoning paths: SFT by TRL, under DeepSpeed.

Belongs here: rows as TRL's SFTTrainer takes them, its arguments, resuming. Does not belong here: which reply a row
teaches (sft.py), what is logged and kept while it learns (callbacks.py), saving (saving.py). Never imported by assets
(torch).

Started as `python -m wethink_assets.training.sft_worker JOB_FILE`, alone, or as several ranks by
resources/workers/ranks.py. Killed at any moment, the next start goes on from the last checkpoint, with the same rows.
The loss is of the reply's tokens alone: the mean over all of them in a step, on all processes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.callbacks import no_last_checkpoint, progress, sealed_checkpoints
from wethink_assets.training.checkpoints import last_checkpoint, step_of
from wethink_assets.training.conversation import conversation
from wethink_assets.training.job import LEARNED, STEPS, Job, logged_steps
from wethink_assets.training.saving import Clock, finish, limit_pixels, save_weights
from wethink_assets.training.scoring import forget_after
from wethink_assets.training.sft import micro_batches
from wethink_assets.training.trainer_config import common_arguments, lora_config
from wethink_assets.training.training_set import OpenImages, home_of, order
from wethink_assets.training.worker import (
    WorkerError,
    join_ranks,
    load_policy,
    reporting,
    without_compiling,
    without_vllm,
    worker_main,
)


def sft_config(training: TrainingSettings, work: Path, *, cuda: bool, processes: int) -> Any:
    """TRL's arguments.

    Raises:
        ValueError: the step cannot be split over the processes and micro-batches.
    """
    from trl import SFTConfig

    micro, accumulated = micro_batches(training, processes)
    return SFTConfig(
        **common_arguments(training, work, cuda=cuda, micro=micro, accumulated=accumulated),
        max_length=None,  # a cut would take pixels' tokens away: rows that are too long are set aside before
        packing=False,
        completion_only_loss=True,
        train_sampling_strategy="sequential",  # the data set is in the order of the steps
    )


class Taught:
    """The transform of the data set: columns of some rows to those that TRL takes, images opened when asked for."""

    def __init__(self, processor: Any, keep: int, home: Path) -> None:
        self._images = OpenImages(processor, keep, home=home)

    def __call__(self, rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
        images = [[self._images.of(*row)] for row in zip(rows["image"], rows["sample_id"], strict=True)]
        replies = [[{"role": "assistant", "content": [{"type": "text", "text": text}]}] for text in rows["reply"]]
        return {"prompt": [conversation(text) for text in rows["problem"]], "completion": replies, "images": images}


def taught_set(path: Path, processor: Any, training: TrainingSettings) -> tuple[Any, list[str]]:
    """The rows of a file in the order of the steps, mapped into memory, and the sample ids among them, each once.

    Raises:
        WorkerError: there are none.
    """
    from datasets import Dataset

    rows = Dataset.from_file(str(path))
    if not len(rows):
        raise WorkerError("there are no rows to learn from")
    size = training.sft.rows_per_step
    ordered = rows.select(order(len(rows), size, training.steps, training.seed))
    learned = list(dict.fromkeys(ordered["sample_id"]))
    return ordered.with_transform(Taught(processor, size + 1, home_of(path))), learned


def train(job: Job, pipes: Any) -> None:
    """The whole run: load, resume where a checkpoint is, learn, save."""
    import torch

    clock = Clock()
    training = TrainingSettings.model_validate(job.training)
    without_vllm()
    from trl import SFTTrainer

    process, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    cuda = torch.cuda.is_available()
    if not cuda:
        without_compiling()
    join_ranks(cuda=cuda)
    pipes.log(f"loading {job.base_path}")
    model, processor = load_policy(job.base_path, cuda=cuda)
    parameters = sum(p.numel() for p in model.parameters())
    own_size = limit_pixels(processor, training)
    rows, learned = taught_set(job.rows_file, processor, training)
    try:
        args = sft_config(training, job.work, cuda=cuda, processes=processes)
    except ValueError as error:
        raise WorkerError(str(error)) from None
    checkpoint = last_checkpoint(Path(args.output_dir), processes, training.steps)
    done = step_of(checkpoint) if checkpoint else 0
    steps_log = job.work / STEPS
    if process == 0:
        forget_after(steps_log, done)
    if checkpoint:
        pipes.log(f"going on after step {done} of {training.steps}")
    trainer = SFTTrainer(
        model=model,
        args=args,
        train_dataset=rows,
        peft_config=lora_config(training),
        processing_class=processor,
        callbacks=[
            no_last_checkpoint(),
            sealed_checkpoints(process, processes, training.checkpoints_kept),
            *([progress(job, pipes, steps_log, parameters, processes, "loss")] if process == 0 else []),
        ],
    )
    if done and process == 0:  # TRL's count begins at 0 again
        trainer._total_train_tokens = logged_steps(steps_log)[-1]["metrics"]["num_tokens"]
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    stage = trainer.model_wrapped.zero_optimization_stage()
    policy_folder = job.work / "made"
    save_weights(trainer, policy_folder, merged=bool(training.lora_rank), process=process)
    if process != 0:
        return
    (policy_folder / LEARNED).write_text("\n".join(learned) + "\n", "utf-8")
    spent = clock.read()
    finish(
        job,
        policy_folder,
        processor,
        own_size,
        **spent,
        resumed_after=done,
        zero_stage=stage,
        processes=processes,
        parameters=parameters,
        rows=len(learned),
        steps=training.steps,
    )
    pipes.log(
        f"{job.policy_id} is complete: {training.steps} steps over {len(learned)} rows in {spent['seconds']:.0f} s"
    )


def main(path: str) -> None:
    job = Job.read(path)
    with reporting() as pipes:
        train(job, pipes)


if __name__ == "__main__":
    worker_main(main, sys.argv)
