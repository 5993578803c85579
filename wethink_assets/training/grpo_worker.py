"""The process that turns a base policy into an RL policy: GRPO by TRL, under DeepSpeed.

Belongs here: loading, the reward functions' shape, progress, checkpoints and resuming, saving.
Does not belong here: the lake's rows of the result (assets.py reads them from the folder); how it is started
(resources/workers/launcher.py). Never imported by assets: it imports torch.

Started as `python -m wethink_assets.training.grpo_worker JOB_FILE`, alone, or as several ranks by
resources/workers/ranks.py.
Killed at any moment, the next start goes on from the last checkpoint, with the same rollouts from there on.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

from wethink_assets.rewards.hybrid import CallModels, HybridReward
from wethink_assets.rewards.terms import all_terms, load_terms, registered
from wethink_assets.settings import Settings, TrainingSettings
from wethink_assets.training.checkpoints import keep_newest, last_checkpoint, seal, step_of
from wethink_assets.training.job import ROLLOUTS, STEPS, Job
from wethink_assets.training.memory_cures import refusal
from wethink_assets.training.scoring import Scorer, forget_after, write_rollouts
from wethink_assets.training.trainer_config import VISUAL, grpo_config
from wethink_assets.training.training_set import training_set
from wethink_assets.training.worker import (
    WorkerError,
    join_ranks,
    load_policy,
    reporting,
    weights_finite,
    without_compiling,
    without_vllm,
    worker_main,
)


def visual_tokens(tokenizer: Any) -> list[int]:
    """Ids of the tokens that stand for pixels, as far as the tokenizer has them."""
    ids = {tokenizer.convert_tokens_to_ids(token) for token in VISUAL}
    return sorted(ids - {None, tokenizer.unk_token_id})


def reward_functions(scorer: Scorer, process: int) -> list[Any]:
    """TRL's reward functions, one per reward term, logged apart under its name.

    None from all leaves a completion out.
    """

    def function(name: str) -> Any:
        def score(completions: list[Any], trainer_state: Any, **columns: Any) -> list[float | None]:
            step, first = trainer_state.global_step + 1, process * len(completions)
            return [rollout.term(name) for rollout in scorer.score(step, completions, columns, first)]

        score.__name__ = name  # TRL logs rewards/<name>/mean
        return score

    return [function(term.name) for term in scorer.terms]


def judge_of(job: Job) -> tuple[CallModels | None, Any]:
    """The judge role behind the ledger, and what has to be closed afterwards; nothing where no row needs it."""
    if job.settings is None or not job.judged:
        return None, None
    from resources.calls.engine import CallEngine

    engine = CallEngine.from_settings(Settings.model_validate(job.settings))
    return lambda requests: engine.run(requests, asset="rl_policy", batch="", run_id=job.run_id), engine


def progress_callback(job: Job, pipes: Any, steps_log: Path) -> Any:
    """Writes every logged step to a file and tells the run how far it is, at most every two seconds."""
    from transformers import TrainerCallback

    class Progress(TrainerCallback):
        started = 0.0
        first = 0
        told = 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.started, self.first = time.monotonic(), state.global_step

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if not logs or "reward" not in logs:
                return
            metrics = {k: (None if isinstance(v, float) and not math.isfinite(v) else v) for k, v in logs.items()}
            with steps_log.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"step": state.global_step, "metrics": metrics}) + "\n")
            now = time.monotonic()
            if now - self.told >= 2.0 or state.global_step == args.max_steps:
                self.told = now
                each = (now - self.started) / max(1, state.global_step - self.first)
                pipes.progress(
                    step=state.global_step,
                    steps=args.max_steps,
                    eta_s=round(each * (args.max_steps - state.global_step)),
                    reward=metrics.get("reward"),
                    accuracy=metrics.get("rewards/accuracy/mean"),
                    format=metrics.get("rewards/format/mean"),
                    **{term.name: metrics.get(f"rewards/{term.name}/mean") for term in registered()},
                    loss=metrics.get("loss"),
                )

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
                seal(folder / f"checkpoint-{state.global_step}", processes)
                keep_newest(folder, kept)

    return Sealed()


def refuse_too_large(training: TrainingSettings, base_path: str, processes: int) -> None:
    """End before anything is loaded where it does not fit this GPU.

    Raises:
        WorkerError: it does not; the message names the setting that would make it fit.
    """
    import torch

    total = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
    if line := refusal(training, base_path, gpus=processes, gpu_bytes=total):
        raise WorkerError(line)


def limit_pixels(processor: Any, training: TrainingSettings) -> Any:
    """Let the image processor scale to the configured pixels; returns the size that it had."""
    described = processor.image_processor
    own = described.size
    low, high = (dict(own).get(edge) for edge in ("shortest_edge", "longest_edge"))
    if (training.min_pixels or training.max_pixels) and low and high:
        most = training.max_pixels or high
        described.size = {"shortest_edge": min(training.min_pixels or low, most), "longest_edge": most}
    return own


def train(job: Job, pipes: Any) -> None:
    """The whole run: load, resume where a checkpoint is, train, save."""
    import torch

    started, cpu = time.monotonic(), time.process_time()
    training = TrainingSettings.model_validate(job.training)
    if training.rollouts != "vllm":
        without_vllm()
    from trl import GRPOTrainer

    process, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    cuda = torch.cuda.is_available()
    if not cuda:
        without_compiling()
    join_ranks(cuda=cuda)
    if cuda:
        refuse_too_large(training, job.base_path, processes)
    pipes.log(f"loading {job.base_path}")
    model, processor = load_policy(job.base_path, cuda=cuda)
    own_size = limit_pixels(processor, training)
    rows = training_set(job.rows_file, processor, training.prompts_per_step, training.steps, training.seed)
    terms = all_terms(training.accuracy_weight, training.format_weight)
    try:
        args = grpo_config(
            training,
            job.work,
            cuda=cuda,
            processes=processes,
            suppressed=visual_tokens(processor.tokenizer),
            reward_weights=[term.weight for term in terms],
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
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=reward_functions(scorer, process),
            args=args,
            train_dataset=rows,
            processing_class=processor,
            callbacks=[
                no_last_checkpoint(),
                sealed_checkpoints(process, processes, training.checkpoints_kept),
                *([progress_callback(job, pipes, steps_log)] if process == 0 else []),
            ],
        )
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        stage = trainer.model_wrapped.zero_optimization_stage()
        policy_folder = job.work / "made"
        trainer.save_model(str(policy_folder))
        trainer.accelerator.wait_for_everyone()
    finally:
        if engine is not None:
            engine.close()
    if process != 0:
        return
    processor.image_processor.size = own_size  # served as its base is
    processor.save_pretrained(policy_folder)
    (policy_folder / "training_args.bin").unlink(missing_ok=True)  # a pickle: none should be loaded
    rollouts = write_rollouts(sorted(job.work.glob("rollouts.*.jsonl")), policy_folder / ROLLOUTS)
    (policy_folder / STEPS).write_bytes(steps_log.read_bytes())
    seconds = time.monotonic() - started
    job.finish(
        policy_folder,
        {
            "seconds": seconds,
            "cpu_seconds": time.process_time() - cpu,
            "resumed_after": done,
            "zero_stage": stage,
            "processes": processes,
            "rollouts": rollouts,
            "steps": training.steps,
            "finite": weights_finite(policy_folder),
        },
    )
    pipes.log(f"{job.policy_id} is complete: {training.steps} steps, {rollouts} rollouts in {seconds:.0f} s")


def main(path: str) -> None:
    job = Job.read(path)
    load_terms((job.settings or {}).get("extensions", ()))
    with reporting() as pipes:
        train(job, pipes)


if __name__ == "__main__":
    worker_main(main, sys.argv)
