"""The step log: every step a line, held-out rows beside it, guards that end the run before its next step."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from tests.training.test_checkpoints import checkpoint
from wethink_assets.settings import TrainingSettings
from wethink_assets.settings.guards import GuardSettings
from wethink_assets.training.job import Job, logged_steps, read_lines
from wethink_assets.training.step_log import StepLog
from wethink_assets.training.throughput import mfu, peak_of
from wethink_assets.training.worker import WorkerError

LOGS = {"loss": 0.1, "grad_norm": 0.2, "reward": 0.5, "num_tokens": 100.0, "completions/mean_length": 10.0}


@pytest.fixture
def open_log(tmp_path):
    def make(**guards):
        training = TrainingSettings(guards=GuardSettings(window=1, **guards))
        job = Job("rl-1", "rl", str(tmp_path), training.model_dump(mode="json"))
        job.work.mkdir(exist_ok=True)
        said = []
        pipes = SimpleNamespace(log=said.append, progress=lambda **values: said.append(values))
        return StepLog(job, pipes, job.work / "steps.jsonl", memory=lambda: 1.5, peak=1e15, parameters=10**9), said, job

    return make


def test_a_step_and_what_is_found_after_it_are_one_step(open_log):
    log, said, job = open_log()
    log.begin(0, 0.0)
    log.logged(1, LOGS)
    log.logged(1, {"eval_reward": 0.4, "eval_rewards/accuracy/mean": 0.3, "eval_loss": 9.0})
    log.logged(1, {"train_runtime": 3.0})
    (step,) = logged_steps(job.work / "steps.jsonl")
    assert step["metrics"]["heldout/accuracy"] == 0.3 and step["metrics"]["reward"] == 0.5
    assert step["metrics"]["memory_gib"] == 1.5 and step["metrics"]["tokens_per_second"] > 0 < step["metrics"]["mfu"]
    assert [values["step"] for values in said] == [1], "progress is told of steps"


def test_a_guard_ends_the_run_with_one_line_and_the_step_is_in_the_log(open_log):
    log, _, job = open_log()
    checkpoint(job.work / "checkpoints", 4)
    log.begin(4, 0.0)
    with pytest.raises(WorkerError, match=r"guard non_finite ended training at step 5: .* goes on after step 4$"):
        log.logged(5, LOGS | {"loss": math.nan})
    (line,) = read_lines(job.work / "steps.jsonl")
    assert line["step"] == 5 and line["metrics"]["loss"] is None


def test_a_guard_that_warns_lets_the_run_go_on_and_says_so_once(open_log):
    log, said, _ = open_log(non_finite="warn")
    log.begin(0, 0.0)
    for step in (1, 2):
        log.logged(step, LOGS | {"loss": math.nan})
    assert [line for line in said if isinstance(line, str)] == [said[0]] and "guard non_finite warns" in said[0]


def test_the_guards_of_a_resumed_run_have_seen_what_came_before(open_log):
    log, _, _ = open_log(entropy="stop")
    log.begin(0, 0.0)
    log.logged(1, LOGS | {"entropy": 1.0})
    resumed, _, _ = open_log(entropy="stop")
    resumed.begin(1, 100.0)
    with pytest.raises(WorkerError, match="entropy fell from 1 to"):
        resumed.logged(2, LOGS | {"entropy": 0.01})


def test_operations_are_known_by_the_name_of_the_device():
    assert peak_of("NVIDIA H200") == peak_of("NVIDIA H100 80GB HBM3") == 989e12
    assert peak_of("NVIDIA A100-SXM4-80GB") == 312e12 and peak_of("NVIDIA H100 PCIe") == 756e12
    assert peak_of("Some GPU") is None
    assert mfu(10**9, 1_000, 500, 1.0, 1e15, 1) == pytest.approx((6_000 + 1_000) * 1e9 / 1e15)
