"""Reward terms: the built-in sum as it always was, and further terms that are registered."""

from __future__ import annotations

import math
import pickle
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.rewards.terms import (
    RewardTerm,
    RewardTermError,
    ScoredCompletion,
    all_terms,
    builtin_terms,
    register,
    registered,
    terms_digest,
    unregister,
)

RED = type_answer("red", category="FIB", question="Which colour?").to_json()
GOOD = "<think>It is red.</think><answer>red</answer>"


def answer_length(completion: ScoredCompletion) -> float:
    return float(len(completion.final or ""))


def reached(limit: int, completion: ScoredCompletion) -> float:
    return float(len(completion.text) >= limit)


def never(completion: ScoredCompletion) -> None:
    return None


class Longer:
    def __call__(self, completion: ScoredCompletion) -> float:
        return 1.0


@pytest.fixture
def term():
    """A registered term, taken back afterwards."""
    length = RewardTerm("length", 0.5, answer_length)
    register(length)
    yield length
    unregister("length")


@given(st.floats(0, 2), st.floats(0, 2), st.sampled_from([GOOD, "red", "<think>x</think><answer>blue</answer>"]))
def test_the_built_in_terms_are_the_weighted_sum_of_accuracy_and_format(accuracy_weight, format_weight, text):
    (record,) = HybridReward(accuracy_weight, format_weight).score([text], answer_typed=[RED])
    assert record.reward == accuracy_weight * record.accuracy + format_weight * record.format
    assert record.terms == {"accuracy": record.accuracy, "format": record.format}


def test_a_registered_term_is_summed_from_then_on_and_in_no_reward_made_before(term):
    terms = [t.name for t in all_terms()]
    assert terms == ["accuracy", "format", "length"] and registered() == (term,)
    reward = HybridReward()
    unregister("length")
    assert HybridReward()([""], [GOOD], answer_typed=[RED]) == [1.0]
    (record,) = reward.score([GOOD], answer_typed=[RED])
    assert record.reward == 0.7 + 0.3 + 0.5 * 3 and record.terms["length"] == 3.0


def test_a_term_sees_what_was_said_of_the_completion():
    seen: list[ScoredCompletion] = []
    spy = RewardTerm("spy", 0.0, lambda completion: seen.append(completion) or 0.0)
    HybridReward(terms=[*builtin_terms(), spy]).score(
        [GOOD, "red"], answer_typed=[RED, None], problem=["Which colour?", "What?"], sample_id=["a", "b"]
    )
    assert [(c.final, c.verdict, c.accuracy, c.question) for c in seen] == [
        ("red", "correct", 1.0, "Which colour?"),
        (None, "error", None, "What?"),
    ]
    assert seen[0].gold.raw == "red" and seen[1].gold is None and [c.columns["sample_id"] for c in seen] == ["a", "b"]


def test_a_term_that_cannot_say_leaves_the_completion_out():
    (record,) = HybridReward(terms=[*builtin_terms(), RewardTerm("never", 0.1, never)]).score(
        [GOOD], answer_typed=[RED]
    )
    assert record.reward is None and record.accuracy == 1.0 and record.terms["never"] is None


@pytest.mark.parametrize("value", [math.nan, math.inf, "1", True, [1.0]])
def test_what_is_no_number_is_named(value):
    reward = HybridReward(terms=[RewardTerm("odd", 1.0, lambda completion: value)])
    with pytest.raises(RewardTermError, match="reward term odd gave"):
        reward([""], [GOOD], answer_typed=[RED])


def test_the_same_term_registers_again_and_another_of_its_name_does_not(term):
    register(term)
    assert registered() == (term,)
    for other in (RewardTerm("length", 0.5, never), RewardTerm("accuracy", 0.1, never)):
        with pytest.raises(RewardTermError, match=f"two reward terms {other.name}"):
            register(other)
    unregister("absent")


@pytest.mark.parametrize(
    ("name", "weight", "score"),
    [("Upper", 0.1, never), ("", 0.1, never), ("nan", math.nan, never), ("built_in", 0.1, len)],
)
def test_what_cannot_be_a_term_is_refused(name, weight, score):
    with pytest.raises(RewardTermError, match=f"reward term '?{name}"):
        register(RewardTerm(name, weight, score))
    assert registered() == ()


def test_the_digest_finds_the_module_of_functions_partials_and_objects():
    digests = terms_digest(
        [RewardTerm("a", 0.1, never), RewardTerm("b", 0.1, partial(reached, 3)), RewardTerm("c", 0.2, Longer())]
    )
    assert digests["a"] == digests["b"] and digests["a"][1] == digests["c"][1] and digests["c"][0] == 0.2


def test_a_reward_with_terms_can_be_pickled(term):
    again = pickle.loads(pickle.dumps(HybridReward()))
    assert again([""], [GOOD], answer_typed=[RED]) == [0.7 + 0.3 + 0.5 * 3]
