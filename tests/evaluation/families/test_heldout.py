"""Held-out samples: cases by hand for the rule and the numbers of the family."""

from __future__ import annotations

from tests.evaluation.families.scored import score
from tests.evaluation.judged import Judge
from wethink_assets.rewards.gold_types import type_answer


def test_heldout_is_scored_as_training_rewards_it():
    def typed(answer, category, options=()):
        return {"answer_typed": type_answer(answer, category=category, options=options).to_json()}

    assert score("heldout", "<think>t</think><answer>red</answer>", extra=typed("red", "FIB")).score == 1.0
    assert score("heldout", "red", extra=typed("red", "FIB")).verdict == "unparseable"
    assert score("heldout", "<answer>B</answer>", extra=typed("B", "MC", ("x", "y"))).score == 1.0
    judge = Judge(judgement={"score": 0.75, "reason": "-"})
    described = score("heldout", "<answer>A red car stands there.</answer>", judge, extra=typed("A red car.", "DES"))
    assert (described.score, described.method) == (0.75, "judge")
