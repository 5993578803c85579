"""Rewards within a training run: once a step, left out where unsure, permuted for the control, logged for good."""

from __future__ import annotations

import json
from types import SimpleNamespace

from resources.calls.messages import ModelReply
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.training.grpo_worker import reward_functions
from wethink_assets.training.job import read_lines
from wethink_assets.training.scoring import Meter, Scorer, forget_after, measures, merge_logs

GOOD = "<think>The car is red.</think><answer>red</answer>"
WRONG = "<think>The car is red.</think><answer>blue</answer>"
NO_FORMAT = "red"


def columns(n: int, answer: str = "red", category: str = "FIB") -> dict[str, list[str]]:
    gold = type_answer(answer, category=category, question="What colour is the car?").to_json()
    return {
        "sample_id": [f"s{i}" for i in range(n)],
        "problem": ["What colour is the car?"] * n,
        "answer_typed": [gold] * n,
    }


def reply(text: str, ok: bool = True) -> ModelReply:
    parsed = json.loads(text) if ok else None
    return ModelReply("c", ok, text, parsed, None, None if ok else "http_500", "", "judge", False, 0.0, 1, 1)


def test_rewards_are_seven_tenths_accuracy_and_three_tenths_format(tmp_path):
    log = tmp_path / "rollouts.0.jsonl"
    scorer = Scorer(HybridReward(), log=log)
    rollouts = scorer.score(1, [GOOD, WRONG, NO_FORMAT], columns(3), places=range(6, 9))
    assert [r.accuracy for r in rollouts] == [1.0, 0.0, 0.0]
    assert [round(r.reward, 6) for r in rollouts] == [1.0, 0.3, 0.0]
    assert [r.place for r in rollouts] == [6, 7, 8]
    assert [line["completion"] for line in read_lines(log)] == [GOOD, WRONG, NO_FORMAT]


def test_a_step_is_scored_and_logged_once_for_both_reward_functions(tmp_path):
    log = tmp_path / "rollouts.0.jsonl"
    scorer = Scorer(HybridReward(), log=log)
    assert scorer.score(1, [GOOD], columns(1)) is scorer.score(1, [GOOD], columns(1))
    scorer.score(2, [GOOD], columns(1))
    assert [line["step"] for line in read_lines(log)] == [1, 2]


def test_what_only_keeps_ranks_in_step_is_neither_scored_nor_logged(tmp_path):
    scorer = Scorer(HybridReward(), log=tmp_path / "rollouts.0.jsonl")
    accuracy, form = reward_functions(scorer, 1)
    state, first = SimpleNamespace(global_step=4), columns(2)
    assert accuracy([GOOD, WRONG], state, **first) == [1.0, 0.0]
    again = columns(2) | {"place": [9, None]}
    assert accuracy([WRONG, GOOD], state, **again) == [0.0, 0.0] and form([WRONG, GOOD], state, **again) == [1.0, 0.0]
    none = columns(2) | {"place": [None, None]}
    assert accuracy([GOOD, GOOD], state, **none) == [0.0, 0.0]
    lines = [(line["step"], line["place"], line["completion"]) for line in read_lines(tmp_path / "rollouts.0.jsonl")]
    assert lines == [(5, 2, GOOD), (5, 3, WRONG), (5, 9, WRONG)]


def test_chat_messages_are_completions_too():
    rollouts = Scorer(HybridReward()).score(1, [[{"role": "assistant", "content": GOOD}]], columns(1))
    assert rollouts[0].completion == GOOD and rollouts[0].reward == 1.0


def test_a_judge_that_cannot_say_leaves_the_completion_out():
    described = columns(2, "A red car stands before a house.", "DES")
    described["problem"] = ["Describe the picture."] * 2
    scorer = Scorer(
        HybridReward(judge=lambda asked: [reply('{"score": 0.75, "reason": "r"}'), reply("", ok=False)][-len(asked) :])
    )
    texts = [f"<think>I look.</think><answer>A {c} car near a house</answer>" for c in ("red", "dark")]
    rollouts = scorer.score(1, texts, described)
    assert [r.accuracy for r in rollouts] == [0.75, None]
    assert rollouts[1].reward is None and rollouts[1].verdict == "error"


def test_permuted_rewards_are_the_same_rewards_in_another_order():
    texts = [GOOD] * 8 + [NO_FORMAT] * 8
    plain = Scorer(HybridReward()).score(3, texts, columns(16))
    control = Scorer(HybridReward(), permute_seed=0).score(3, texts, columns(16))
    again = Scorer(HybridReward(), permute_seed=0).score(3, texts, columns(16))
    assert sorted(r.reward for r in plain) == sorted(r.reward for r in control)
    assert [r.reward for r in control] == [r.reward for r in again] != [r.reward for r in plain]
    assert all(r.reward in (0.0, 1.0) for r in control)  # accuracy and format stay together
    assert [r.verdict for r in control] == [r.verdict for r in plain]  # the record says what was true


def test_what_came_after_the_last_checkpoint_is_forgotten(tmp_path):
    log = tmp_path / "rollouts.0.jsonl"
    scorer = Scorer(HybridReward(), log=log)
    for step in (1, 2, 3):
        scorer.score(step, [GOOD], columns(1))
    with log.open("a") as file:
        file.write('{"step": 4, "cut o')
    forget_after(log, 2)
    assert [line["step"] for line in read_lines(log)] == [1, 2]
    forget_after(tmp_path / "absent.jsonl", 2)


def test_logs_of_several_processes_become_groups(tmp_path):
    for process in (0, 1):
        scorer = Scorer(HybridReward(), log=tmp_path / f"rollouts.{process}.jsonl")
        rows = columns(4)
        rows["sample_id"] = ["a", "a", "b", "b"] if process == 0 else ["b", "b", "c", "c"]
        scorer.score(1, [GOOD] * 4, rows, places=range(4 * process, 4 * process + 4))
    merged = merge_logs(sorted(tmp_path.glob("*.jsonl")))
    assert [(r["sample_id"], r["member"]) for r in merged] == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
        ("b", 1),
        ("b", 2),
        ("b", 3),
        ("c", 0),
        ("c", 1),
    ]


def test_held_out_completions_are_scored_once_and_are_no_rollouts(tmp_path):
    log = tmp_path / "rollouts.0.jsonl"
    scorer = Scorer(HybridReward(), log=log, permute_seed=3)
    learned = scorer.score(1, [WRONG, WRONG], columns(2))
    seen = scorer.look([GOOD, WRONG], columns(2))
    assert [r.accuracy for r in seen] == [1.0, 0.0], "as they are, also in a run with permuted rewards"
    assert scorer.look([GOOD, WRONG], columns(2)) is seen and scorer.look([WRONG, WRONG], columns(2)) is not seen
    assert scorer.score(1, [WRONG, WRONG], columns(2)) is learned and len(list(read_lines(log))) == 2


def test_rewards_are_measured_by_scorer_and_kind():
    rollouts = Scorer(HybridReward()).score(1, [GOOD, WRONG, GOOD, GOOD], columns(4))
    given = {"method": ["rule", "rule", "model", "model"], "category": ["MC", "FIB", "DES", "DES"]}
    values: dict[str, list[float]] = {}
    for name, value in measures(rollouts, given):
        values.setdefault(name, []).append(value)
    assert values["accuracy/rule"] == [1.0, 0.0] and values["accuracy/model"] == values["accuracy/DES"] == [1.0, 1.0]
    assert values["left_out"] == [0.0] * 4


def test_the_judge_is_metered_by_what_was_paid_for():
    again = ModelReply("c", True, "{}", {}, None, None, "", "judge", True, 0.5, 1, 1)
    paid = ModelReply("c", True, "{}", {}, None, None, "", "judge", False, 0.25, 1, 1)
    meter = Meter(lambda requests: [paid, again, paid])
    assert len(meter([])) == 3
    told = meter.read()
    assert (told["judge/calls"], told["judge/cost"]) == (2.0, 0.5) and told["judge/seconds"] >= 0
    assert set(meter.read().values()) == {0.0}, "each step its own"
