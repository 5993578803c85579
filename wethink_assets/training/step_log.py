"""The step log of a training run: every logged step a line, looked at by the guards, told to the run.

Belongs here: what is written of a step, and the words of progress. Pure: no trainer. Does not belong here: what guards
look for (guards.py), when a trainer logs (callbacks.py).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wethink_assets.rewards.terms import registered
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.checkpoints import complete, step_of
from wethink_assets.training.job import Job, logged_steps
from wethink_assets.training.throughput import mfu
from wethink_assets.training.watch import of_steps, stop_line, watched
from wethink_assets.training.worker import WorkerError

TELL_S = 2.0
_HELDOUT = {
    "eval_reward": "heldout/reward",
    "eval_rewards/accuracy/mean": "heldout/accuracy",
    "eval_rewards/format/mean": "heldout/format",
    "eval_completions/mean_length": "heldout/mean_length",
}


class StepLog:
    """The log of one run. Steps before a resume are in its file, and the guards have seen them.

    `pipes` reports to the run, `memory` gives the GiB that are held, `peak` what the GPU can do in operations a second.
    `mark` is the metric by which the log of a step is known: a run without rewards has its loss.
    """

    def __init__(
        self,
        job: Job,
        pipes: Any,
        path: Path,
        *,
        memory: Callable[[], float],
        parameters: int = 0,
        processes: int = 1,
        peak: float | None = None,
        mark: str = "reward",
    ) -> None:
        self._training = TrainingSettings.model_validate(job.training)
        known = of_steps(logged_steps(path))
        self._watch = watched(known, self._training.guards)
        self._known = float((known[-1][1].get("num_tokens") if known else None) or 0.0)
        self._pipes, self._path, self._checkpoints = pipes, path, job.work / "checkpoints"
        self._memory, self._parameters, self._processes, self._peak = memory, parameters, processes, peak
        self._first, self._started, self._told = 0, time.monotonic(), 0.0
        self._last, self._tokens = self._started, 0.0
        self._mark = mark

    def begin(self, step: int, tokens: float) -> None:
        """The trainer begins after `step`, when so many tokens were seen."""
        self._first, self._tokens = step, max(tokens, self._known)
        self._started = self._last = time.monotonic()

    def logged(self, step: int, logs: Mapping[str, Any]) -> None:
        """The trainer logged a step, or what it found on held-out rows; anything else is left out.

        Raises:
            WorkerError: a guard ends the run.
        """
        if self._mark in logs:
            metrics = {**logs, **self._throughput(logs)}
        elif "eval_reward" in logs:
            metrics = {name: logs[theirs] for theirs, name in _HELDOUT.items() if theirs in logs}
        else:
            return
        written = {k: (None if isinstance(v, float) and not math.isfinite(v) else v) for k, v in metrics.items()}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "metrics": written}) + "\n")
        for finding in self._watch.see(step, metrics):
            if finding.stops:
                points = complete(self._checkpoints)
                raise WorkerError(stop_line(finding, step_of(points[0]) if points else 0))
            self._pipes.log(f"guard {finding.guard} warns at step {finding.step}: {finding.line}")
        if self._mark in logs:
            self._tell(step, written)

    def _throughput(self, logs: Mapping[str, Any]) -> dict[str, float]:
        now = time.monotonic()
        seconds, self._last = now - self._last, now
        tokens, self._tokens = float(logs["num_tokens"]) - self._tokens, float(logs["num_tokens"])
        found = {"tokens_per_second": tokens / seconds, "memory_gib": self._memory()}
        if self._peak is not None:
            replies = self._training.prompts_per_step * self._training.group_size
            sampled = replies * float(logs.get("completions/mean_length", 0.0))
            found["mfu"] = mfu(self._parameters, tokens, sampled, seconds, self._peak, self._processes)
        return found

    def _tell(self, step: int, metrics: Mapping[str, Any]) -> None:
        """Progress, at most every two seconds."""
        now, steps = time.monotonic(), self._training.steps
        if now - self._told < TELL_S and step != steps:
            return
        self._told = now
        each = (now - self._started) / max(1, step - self._first)
        terms = ("accuracy", "format", *(term.name for term in registered()))
        self._pipes.progress(
            step=step,
            steps=steps,
            eta_s=round(each * (steps - step)),
            reward=metrics.get("reward"),
            **{name: metrics.get(f"rewards/{name}/mean") for name in terms},
            heldout=metrics.get("heldout/accuracy"),
            loss=metrics.get("loss"),
            token_accuracy=metrics.get("mean_token_accuracy"),
        )
