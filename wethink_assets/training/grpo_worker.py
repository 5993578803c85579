"""The process that turns a base policy into an RL policy: GRPO by TRL, under DeepSpeed.

Belongs here: loading, the reward functions' shape, resuming. Does not belong here: what is logged and kept while it
learns (callbacks.py), saving (saving.py), the lake's rows of the result (assets.py reads them from the folder); how it
is started (resources/workers/launcher.py). Never imported by assets: it imports torch.

Started as `python -m wethink_assets.training.grpo_worker JOB_FILE`, alone, or as several ranks by
resources/workers/ranks.py.
Killed at any moment, the next start goes on from the last checkpoint, with the same rollouts from there on.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.rewards.terms import all_terms, load_terms
from wethink_assets.settings import Settings, TrainingSettings
from wethink_assets.training.batches import heldout_batch
from wethink_assets.training.callbacks import no_last_checkpoint, progress, sealed_checkpoints
from wethink_assets.training.checkpoints import last_checkpoint, step_of
from wethink_assets.training.job import ROLLOUTS, STEPS, Job
from wethink_assets.training.memory_cures import refusal
from wethink_assets.training.saving import Clock, finish, limit_pixels, save_weights
from wethink_assets.training.scoring import Meter, Scorer, forget_after, measures, write_rollouts
from wethink_assets.training.trainer_config import grpo_config, lora_config, visual_tokens
from wethink_assets.training.training_set import COLUMNS, HELDOUT, TRAIN, heldout_set, spare_rows, training_set
from wethink_assets.training.worker import (
    WorkerError,
    join_ranks,
    load_policy,
    reporting,
    without_compiling,
    without_vllm,
    worker_main,
)


def reward_functions(scorer: Scorer, process: int) -> list[Any]:
    """TRL's reward functions, one per reward term, logged apart under its name.

    None from all leaves a completion out. The first of them logs what else is known of the batch. Completions whose
    place is None are not scored: they only keep the ranks in step.
    """

    def function(name: str) -> Any:
        def score(
            completions: list[Any], trainer_state: Any, log_metric: Any = None, **columns: Any
        ) -> list[float | None]:
            if columns.get("split", [TRAIN])[0] == HELDOUT:
                return [rollout.term(name) for rollout in scorer.look(completions, columns)]
            step, first = trainer_state.global_step + 1, process * len(completions)
            places = columns.get("place") or range(first, first + len(completions))
            real = [i for i, place in enumerate(places) if place is not None]
            own = {column: [columns[column][i] for i in real] for column in (*COLUMNS, "method") if column in columns}
            rollouts = scorer.score(step, [completions[i] for i in real], own, [places[i] for i in real])
            if log_metric is not None and name == scorer.terms[0].name:
                for metric, value in measures(rollouts, own):
                    log_metric(metric, value)
            scores: list[float | None] = [0.0] * len(completions)
            for i, rollout in zip(real, rollouts, strict=True):
                scores[i] = rollout.term(name)
            return scores

        score.__name__ = name  # TRL logs rewards/<name>/mean
        return score

    return [function(term.name) for term in scorer.terms]


def judge_of(job: Job) -> tuple[Meter | None, Any]:
    """The judge role behind the ledger, and what has to be closed afterwards; nothing where no row needs it."""
    if job.settings is None or not job.judged:
        return None, None
    from resources.calls.engine import CallEngine

    engine = CallEngine.from_settings(Settings.model_validate(job.settings))
    ask = Meter(lambda requests: engine.run(requests, asset="rl_policy", batch="", run_id=job.run_id))
    return ask, engine


def refuse_too_large(training: TrainingSettings, base_path: str, processes: int) -> None:
    """End before anything is loaded where it does not fit this GPU.

    Raises:
        WorkerError: it does not; the message names the setting that would make it fit.
    """
    import torch

    total = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
    if line := refusal(training, base_path, gpus=processes, gpu_bytes=total):
        raise WorkerError(line)


def heldout_rows(job: Job, training: TrainingSettings, processor: Any, processes: int) -> Any:
    """The held-out rows that are asked while it learns, in whole batches; None where none are."""
    if not training.heldout_every:
        return None
    return heldout_set(job.heldout_file, processor, heldout_batch(training, processes) * processes)


def train(job: Job, pipes: Any) -> None:
    """The whole run: load, resume where a checkpoint is, train, save."""
    import torch

    clock = Clock()
    training = TrainingSettings.model_validate(job.training)
    if training.rollouts != "vllm":
        without_vllm()
    from wethink_assets.training.group_trainer import GroupTrainer

    process, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    cuda = torch.cuda.is_available()
    if not cuda:
        without_compiling()
    join_ranks(cuda=cuda)
    if cuda:
        refuse_too_large(training, job.base_path, processes)
    pipes.log(f"loading {job.base_path}")
    model, processor = load_policy(job.base_path, cuda=cuda)
    parameters = sum(p.numel() for p in model.parameters())
    own_size = limit_pixels(processor, training)
    by_rate = training.order == "easy_first"
    rows = training_set(job.rows_file, processor, training.prompts_per_step, training.steps, training.seed, by_rate)
    asked = heldout_rows(job, training, processor, processes)
    terms = all_terms(training.accuracy_weight, training.format_weight)
    try:
        args = grpo_config(
            training,
            job.work,
            cuda=cuda,
            processes=processes,
            suppressed=visual_tokens(processor.tokenizer),
            reward_weights=[term.weight for term in terms],
            heldout=asked is not None,
        )
    except ValueError as error:
        raise WorkerError(str(error)) from None

    checkpoint = last_checkpoint(Path(args.output_dir), processes, training.steps)
    done = step_of(checkpoint) if checkpoint else 0
    rollout_log, steps_log = job.work / f"rollouts.{process}.jsonl", job.work / STEPS
    forget_after(rollout_log, done)
    if process == 0:
        forget_after(steps_log, done)
    if checkpoint:
        pipes.log(f"going on after step {done} of {training.steps}")

    judge, engine = judge_of(job)
    scorer = Scorer(
        HybridReward(judge=judge, terms=terms),
        log=rollout_log,
        permute_seed=training.seed if training.permute_rewards else None,
    )
    try:
        trainer = GroupTrainer(
            training=training,
            spare=spare_rows(rows, training),
            meter=judge.read if judge else None,
            model=model,
            reward_funcs=reward_functions(scorer, process),
            args=args,
            train_dataset=rows,
            eval_dataset=asked,
            peft_config=lora_config(training),
            processing_class=processor,
            callbacks=[
                no_last_checkpoint(),
                sealed_checkpoints(process, processes, training.checkpoints_kept),
                *([progress(job, pipes, steps_log, parameters, processes)] if process == 0 else []),
            ],
        )
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        stage = trainer.model_wrapped.zero_optimization_stage()
        policy_folder = job.work / "made"
        save_weights(trainer, policy_folder, merged=bool(training.lora_rank), process=process)
    finally:
        if engine is not None:
            engine.close()
    if process != 0:
        return
    rollouts = write_rollouts(sorted(job.work.glob("rollouts.*.jsonl")), policy_folder / ROLLOUTS)
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
        rollouts=rollouts,
        steps=training.steps,
    )
    pipes.log(f"{job.policy_id} is complete: {training.steps} steps, {rollouts} rollouts in {spent['seconds']:.0f} s")


def main(path: str) -> None:
    job = Job.read(path)
    load_terms((job.settings or {}).get("extensions", ()))
    with reporting() as pipes:
        train(job, pipes)


if __name__ == "__main__":
    worker_main(main, sys.argv)
