"""A reward term from outside: in the sum, in what the trainer logs, and in the policy's id."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.extending.reward_extension import TERM
from wethink_assets.rewards import terms
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.settings import Settings, TrainingSettings
from wethink_assets.training import grpo_worker, identity
from wethink_assets.training.grpo_worker import reward_functions
from wethink_assets.training.job import Job
from wethink_assets.training.scoring import Scorer

BRIEF = "<think>It is red.</think><answer>red</answer>"
LONG = f"<think>{'It is red. ' * 20}</think><answer>red</answer>"
RED = type_answer("red", category="FIB", question="Which colour?").to_json()
COLUMNS = {"answer_typed": [RED] * 2, "problem": ["Which colour?"] * 2, "sample_id": ["a", "b"]}


@pytest.fixture
def brevity():
    """The term, registered as the setting `extensions` does it, and taken back."""
    terms.register(TERM)
    yield TERM
    terms.unregister(TERM.name)


def test_completions_are_scored_with_it(brevity):
    brief, long = HybridReward().score([BRIEF, LONG], **COLUMNS)
    assert brief.terms == {"accuracy": 1.0, "format": 1.0, "brevity": 1.0} and long.terms["brevity"] == 0.0
    assert [brief.reward, long.reward] == pytest.approx([1.2, 1.0])
    terms.unregister(brevity.name)
    assert HybridReward()(["", ""], [BRIEF, LONG], **COLUMNS) == [1.0, 1.0]


def test_the_trainer_gets_a_function_and_a_weight_for_it(brevity):
    """TRL logs `rewards/<function's name>/mean`, and sums what the functions give with the weights."""
    scorer = Scorer(HybridReward())
    functions = reward_functions(scorer, 0)
    assert [f.__name__ for f in functions] == [t.name for t in scorer.terms] == ["accuracy", "format", "brevity"]
    state = SimpleNamespace(global_step=0)
    given = {f.__name__: f(completions=[BRIEF, LONG], trainer_state=state, **COLUMNS) for f in functions}
    assert given["brevity"] == [1.0, 0.0]
    sums = [sum(t.weight * given[t.name][i] for t in scorer.terms) for i in range(2)]
    assert sums == pytest.approx([r.reward for r in scorer.score(1, [BRIEF, LONG], COLUMNS)])


def test_a_policy_that_learned_with_it_is_another_policy(brevity):
    def policy() -> str:
        return identity.rl_id("base-1", "w", "release", TrainingSettings(), None)

    with_it = policy()
    terms.unregister(brevity.name)
    assert policy() != with_it


def test_the_setting_brings_it_into_the_training_process(tmp_path, monkeypatch):
    """The worker loads the terms of the configured extensions before it trains."""
    settings = Settings(home=tmp_path, extensions=["tests.extending.reward_extension"]).model_dump(mode="json")
    job = Job("rl-1", "rl", str(tmp_path), TrainingSettings().model_dump(mode="json"), settings=settings, judged=False)
    seen: list[str] = []
    monkeypatch.setattr(grpo_worker, "train", lambda job, pipes: seen.extend(t.name for t in terms.all_terms()))
    try:
        grpo_worker.main(str(job.write()))
    finally:
        terms.unregister(TERM.name)
    assert seen == ["accuracy", "format", "brevity"]


def test_an_extension_that_cannot_be_loaded_is_named():
    for name in ("no.such.module", "tests.conftest"):
        with pytest.raises(terms.RewardTermError, match=name):
            terms.load_terms([name])
