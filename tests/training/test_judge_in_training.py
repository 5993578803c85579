"""A training run whose judge fails, goes away or gets too dear: real engine, ledger and HTTP, no model."""

from __future__ import annotations

import json
from types import SimpleNamespace

import polars as pl
import pytest

from resources.calls.messages import CallsError
from tests.fresh_lakes import fresh_lake
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.settings import BudgetSettings, EndpointSettings, Settings
from wethink_assets.training.grpo_worker import judge_of, reward_functions
from wethink_assets.training.job import Job, read_lines
from wethink_assets.training.rows import what_became
from wethink_assets.training.scoring import Scorer, forget_after, merge_logs
from wethink_assets.training.worker import ERROR_MARK, worker_main

pytestmark = pytest.mark.long

GOLD = type_answer("A red car stands before a house.", category="DES").to_json()
NO_LIMIT = BudgetSettings()
FULL = Act(completion(json.dumps({"score": 1, "reason": "so"})))


class Run:
    """One process of the worker up to its trainer: the judge of its job, and the functions that TRL calls."""

    def __init__(self, home, url: str, budget: BudgetSettings = NO_LIMIT) -> None:
        if not (home / "lake").is_dir():
            fresh_lake(home / "lake")
        judge = EndpointSettings(base_url=url, model="judge", max_attempts=1, timeout_s=5.0)
        settings = Settings(home=home, endpoints={"judge": judge}, budget=budget)
        job = Job("rl-1", "rl", str(home), {}, settings=settings.model_dump(mode="json"), run_id="run-1")
        ask, self.engine = judge_of(job)
        self.log = home / "rollouts.0.jsonl"
        self.functions = reward_functions(Scorer(HybridReward(judge=ask), log=self.log), 0)

    def step(self, number: int) -> list[list[float | None]]:
        """Two completions of each of two rows, as TRL asks: every function with the same batch."""
        columns = {"sample_id": ["a", "a", "b", "b"], "problem": ["Describe it."] * 4, "answer_typed": [GOLD] * 4}
        texts = [f"<think>t</think><answer>Step {number}: car {i} near a house</answer>" for i in range(4)]
        state = SimpleNamespace(global_step=number - 1)
        return [f(prompts=[""] * 4, completions=texts, trainer_state=state, **columns) for f in self.functions]


@pytest.fixture
def stub():
    with StubEndpoint() as server:
        server.behave = lambda call: FULL
        yield server


def test_judgements_that_fail_in_the_middle_leave_rows_out_and_training_goes_on(tmp_path, stub):
    stub.behave = lambda call: (
        Act({"error": {}}, 503) if "Step 2: car 0" in call.text or "Step 2: car 1" in call.text else FULL
    )
    run = Run(tmp_path, stub.base_url)
    try:
        assert run.step(1) == [[1.0] * 4] * 2
        assert run.step(2) == [[None, None, 1.0, 1.0]] * 2, (
            "neither function gives a part of what the judge did not say"
        )
        assert run.step(3) == [[1.0] * 4] * 2
    finally:
        run.engine.close()
    rollouts = pl.DataFrame(merge_logs([run.log]))
    assert rollouts["reward"].null_count() == 2
    left_out = rollouts.filter(pl.col("reward").is_null())
    assert set(left_out["verdict"]) == {"error"} and left_out["step"].to_list() == [2, 2]


def test_a_row_that_the_judge_never_scored_is_named(tmp_path, stub):
    stub.behave = lambda call: Act(completion("no")) if "car 2" in str(call.body) or "car 3" in str(call.body) else FULL
    run = Run(tmp_path, stub.base_url)
    try:
        run.step(1)
    finally:
        run.engine.close()
    became = what_became("abc", pl.LazyFrame(merge_logs([run.log])), 3, [])
    assert became.continued == 1 and [(s.subject_id, s.reason) for s in became.dropped] == [
        ("b", "never_scored"),
        ("c", "not_sampled"),
    ]


@pytest.mark.parametrize("end", ["gone", "budget"])
def test_what_cannot_pass_ends_the_worker_with_one_line_and_the_next_start_pays_nothing_twice(
    tmp_path, stub, capsys, end
):
    run = Run(tmp_path, stub.base_url, BudgetSettings(calls=6) if end == "budget" else BudgetSettings())
    assert run.step(1) == [[1.0] * 4] * 2
    if end == "gone":
        stub.behave = lambda call: Act(reset=True)
    try:
        with pytest.raises(SystemExit) as stopped:
            worker_main(lambda _: [run.step(number) for number in range(2, 12)], ["worker", "job"])
    finally:
        run.engine.close()
    line = capsys.readouterr().err
    assert stopped.value.code == 2 and line.startswith(ERROR_MARK) and line.count("\n") == 1
    assert ("budget" in line) == (end == "budget")
    later = [r for r in read_lines(run.log) if r["step"] > 1]
    assert all(r["reward"] is None for r in later) and len(later) <= 40, (
        "a judge that is gone ends the run after some dozen calls, and nothing of it is a zero"
    )
    stub.behave = lambda call: FULL
    paid = len(stub.calls)
    again = Run(tmp_path, stub.base_url)
    try:
        forget_after(again.log, 0)
        assert again.step(1) == [[1.0] * 4] * 2 and len(stub.calls) == paid, "what was judged before is in the ledger"
        assert again.step(2) == [[1.0] * 4] * 2
    finally:
        again.engine.close()


def test_a_worker_error_is_one_of_calls(tmp_path):
    with StubEndpoint() as gone:
        run = Run(tmp_path, gone.base_url)
    try:
        with pytest.raises(CallsError):
            run.step(1)
    finally:
        run.engine.close()
